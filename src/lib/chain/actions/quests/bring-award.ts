// Records an award that an issuer signed. Any account may send it.

import { encodeFunctionData, type Hex } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { questBoardAbi } from '../../abi/quest-board.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { requireAward, type Award } from './sign-award.ts';

/**
 * @example
 * import { bringAward } from '#lib/chain/actions/quests/bring-award.ts';
 * import { signAward } from '#lib/chain/actions/quests/sign-award.ts';
 *
 * const signed = await signAward(issuer, { who: account, quest: 2n, points: 10, nonce: 41n, deadline });
 * await run(await bringAward(chain, signed));
 */
export async function bringAward(context: ChainContext, signed: { award: Award; signature: Hex }): Promise<ActionPlan> {
  const award = requireAward(signed.award);
  const args = [award, signed.signature] as const;
  const data = encodeFunctionData({ abi: questBoardAbi, functionName: 'award', args });
  const explanation = `${award.who} gets ${counted(award.points, 'point')} for quest ${award.quest}, as an issuer has signed`;
  return planOf(context, 'bring-award', explanation, { to: context.addresses.QuestBoard, data });
}
