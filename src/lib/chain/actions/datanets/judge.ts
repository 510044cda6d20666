// Accepts or rejects contributions, each rejection with a reason. Curators only.

import { encodeFunctionData, keccak256, stringToHex, zeroHash, type Hex } from 'viem';
import { listed } from '#lib/core/count-words.ts';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireHash, requireId, requireSmall } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface Verdict {
  contribution: number;
  isAccepted: boolean;
  /** Required for a rejection. Short texts are stored on the chain, longer ones by their hash. */
  reason?: string;
  /** sha2-256 digest of the id of a review with reasons per row; instead of `reason`. */
  review?: Hex;
}

export interface Judgement {
  datanet: bigint;
  verdicts: readonly Verdict[];
}

const MOST = 256;

/** A reason in 32 bytes: the text itself when it fits, else its keccak256. */
export function reasonWord(reason: string): Hex {
  const text = reason.trim();
  if (text === '') return zeroHash;
  return new TextEncoder().encode(text).length <= 31 ? stringToHex(text, { size: 32 }) : keccak256(stringToHex(text));
}

/**
 * @example
 * import { judge } from '#lib/chain/actions/datanets/judge.ts';
 *
 * const verdicts = [
 *   { contribution: 12, isAccepted: true },
 *   { contribution: 13, isAccepted: false, reason: 'Copied from a book' },
 * ];
 * await run(await judge(chain, { datanet: 3n, verdicts }));
 */
export async function judge(context: ChainContext, { datanet, verdicts }: Judgement): Promise<ActionPlan> {
  const id = requireId(datanet, 'The Datanet');
  if (verdicts.length === 0 || verdicts.length > MOST)
    throw new BadInputError('A judgement', `is over 1 to ${MOST} contributions`);
  const numbers = verdicts.map(({ contribution }) => requireSmall(contribution, 32, 'A contribution', 1));
  if (new Set(numbers).size !== numbers.length) throw new BadInputError('The judgement', 'names a contribution twice');
  const reasons = verdicts.map(({ contribution, isAccepted, reason = '', review }) => {
    if (review !== undefined) return requireHash(review, `The review of contribution ${contribution}`);
    if (!isAccepted && reason.trim() === '')
      throw new BadInputError('The reason', `for rejecting contribution ${contribution} is missing`);
    return reasonWord(reason);
  });
  const bits = verdicts.reduce((all, { isAccepted }, at) => (isAccepted ? all | (1n << BigInt(at)) : all), 0n);
  const args = [id, numbers, bits, reasons] as const;
  const data = encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'judge', args });
  const numbered = (yes: boolean): string => {
    const some = verdicts
      .filter(({ isAccepted }) => isAccepted === yes)
      .map(({ contribution }) => String(contribution));
    return some.length === 0
      ? ''
      : `${yes ? 'accept' : 'reject'} contribution${some.length === 1 ? '' : 's'} ${listed(some)}`;
  };
  const explanation = `You ${[numbered(true), numbered(false)].filter(Boolean).join(' and ')} to Datanet ${id}`;
  return planOf(context, 'judge', explanation, { to: context.addresses.DatanetRegistry, data });
}
