// Credits the points of a quest that the chain verifies, once per account.

import { encodeFunctionData } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { questBoardAbi } from '../../abi/quest-board.ts';
import type { ChainContext } from '../../context.ts';
import { requireWhole } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { completeQuest } from '#lib/chain/actions/quests/complete-quest.ts';
 *
 * const plan = await completeQuest(chain, 2n);
 * if (await run(plan)) show('The points are yours');
 */
export async function completeQuest(context: ChainContext, quest: bigint): Promise<ActionPlan> {
  const id = requireWhole(quest, 64, 'The quest');
  const asked = {
    address: context.addresses.QuestBoard,
    abi: questBoardAbi,
    functionName: 'questOf',
    args: [id],
  } as const;
  const { points } = await context.read.readContract(asked);
  const data = encodeFunctionData({ abi: questBoardAbi, functionName: 'complete', args: [id] });
  const explanation = `You take ${counted(points, 'point')} for quest ${id}, if the chain finds it done`;
  return planOf(context, 'complete-quest', explanation, { to: context.addresses.QuestBoard, data });
}
