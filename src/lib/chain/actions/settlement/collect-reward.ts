// Pays the challenger of a game that was live when its proposer was convicted: its stake and fee back, and a part of the bond. Any account
// may send it.

import { encodeFunctionData } from 'viem';
import type { GameMove } from '#lib/formats/payment/court-game.ts';
import { attributionCourtAbi } from '../../abi/attribution-court.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { gameWords } from './court-call.ts';

/**
 * @example
 * import { collectReward } from '#lib/chain/actions/settlement/collect-reward.ts';
 *
 * await run(await collectReward(chain, move));
 */
export async function collectReward(context: ChainContext, move: GameMove): Promise<ActionPlan> {
  const data = encodeFunctionData({ abi: attributionCourtAbi, functionName: 'collect', args: [move] });
  const explanation = `The challenger of ${gameWords(move.game, move.meta)} gets its stake and fee back, and its part of the bond`;
  return planOf(context, 'collect-reward', explanation, { to: context.addresses.AttributionCourt, data });
}
