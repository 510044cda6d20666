// Records awards. Issuers only.

import { encodeFunctionData } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { questBoardAbi } from '../../abi/quest-board.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { requireAward, type Award } from './sign-award.ts';

const MOST = 250;

/**
 * @example
 * import { awardMany } from '#lib/chain/actions/quests/award-many.ts';
 *
 * const awards = [account, node].map((who, at) => ({ who, quest: 2n, points: 10, nonce: BigInt(at), deadline }));
 * await run(await awardMany(chain, awards));
 */
export async function awardMany(context: ChainContext, awards: readonly Award[]): Promise<ActionPlan> {
  if (awards.length === 0 || awards.length > MOST) throw new BadInputError('The awards', `must be 1 to ${MOST}`);
  const many = awards.map(requireAward);
  const points = many.reduce((sum, one) => sum + one.points, 0);
  const data = encodeFunctionData({ abi: questBoardAbi, functionName: 'awardMany', args: [many] });
  const explanation = `You give ${counted(points, 'point')} in ${counted(many.length, 'award')}`;
  return planOf(context, 'award-many', explanation, { to: context.addresses.QuestBoard, data });
}
