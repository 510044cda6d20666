// Ends a game in which one side has used up its 96 hours: without an answer the proposer is convicted, without a pick the challenger has
// lost. Any account.

import { encodeFunctionData } from 'viem';
import type { GameMove } from '#lib/formats/payment/court-game.ts';
import { attributionCourtAbi } from '../../abi/attribution-court.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { gameWords } from './court-call.ts';

/**
 * @example
 * import { endGame } from '#lib/chain/actions/settlement/end-game.ts';
 *
 * await run(await endGame(chain, move));
 */
export async function endGame(context: ChainContext, move: GameMove): Promise<ActionPlan> {
  const data = encodeFunctionData({ abi: attributionCourtAbi, functionName: 'timeout', args: [move] });
  const explanation = `The side that has used up its time loses ${gameWords(move.game, move.meta)}`;
  return planOf(context, 'end-game', explanation, { to: context.addresses.AttributionCourt, data });
}
