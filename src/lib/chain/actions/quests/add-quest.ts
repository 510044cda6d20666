// Adds a quest that gives points. Issuers only.

import { encodeFunctionData, zeroAddress } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { questBoardAbi } from '../../abi/quest-board.ts';
import { asTime } from '#lib/core/time-words.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireAddress, requireHash, requireSmall, requireWhole } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface NewQuest {
  /** sha2-256 digest of the description's CID. */
  meta: string;
  /** Most points per award; for a checked quest the exact number. */
  points: number;
  /** Most points in all. */
  cap: number;
  /** Seconds since 1970: start and end of the quest. */
  from: number;
  to: number;
  /** The contract that checks completion; null for a quest that an issuer judges. */
  check: string | null;
}

/**
 * @example
 * import { addQuest } from '#lib/chain/actions/quests/add-quest.ts';
 *
 * const now = Math.floor(Date.now() / 1000);
 * const quest = { points: 10, cap: 10_000, from: now, to: now + 30 * 86_400, check: null };
 * await run(await addQuest(chain, { meta: digest, ...quest }));
 */
export async function addQuest(context: ChainContext, input: NewQuest): Promise<ActionPlan> {
  const { from, to } = input;
  requireWhole(from, 40, 'The beginning');
  requireWhole(to, 40, 'The end');
  const points = requireSmall(input.points, 32, 'The points', 1);
  const cap = requireSmall(input.cap, 32, 'The cap', points);
  if (to < from) throw new BadInputError('The quest', 'ends before it begins');
  const check = input.check === null ? zeroAddress : requireAddress(input.check, 'The check');
  const quest = { meta: requireHash(input.meta, 'The description'), points, cap, from, to, check };
  const data = encodeFunctionData({ abi: questBoardAbi, functionName: 'addQuest', args: [quest] });
  const how = input.check === null ? 'judged by an issuer' : `checked by ${check}`;
  const explanation = `You add a quest, ${how}, that gives ${counted(points, 'point')} an award and ${cap} in all, from ${asTime(BigInt(from))} to ${asTime(BigInt(to))}`;
  return planOf(context, 'add-quest', explanation, { to: context.addresses.QuestBoard, data });
}
