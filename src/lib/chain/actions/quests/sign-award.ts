// An award signed by an issuer, for any account to send to the board.

import type { Address, Hex } from 'viem';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireAddress, requireSmall, requireWhole } from '../../input.ts';
import { signingDomain } from '../signing-domain.ts';

export interface Award {
  who: string;
  quest: bigint;
  points: number;
  /** Used once per board. */
  nonce: bigint;
  /** Seconds since 1970: the signature is valid until then; ignored when issuers send the award themselves. */
  deadline: bigint;
}

/** `Award` of IQuestBoard. */
export type CheckedAward = Award & { who: Address };

const TYPES = {
  Award: [
    { name: 'who', type: 'address' },
    { name: 'quest', type: 'uint256' },
    { name: 'points', type: 'uint32' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const;

export const requireAward = ({ who, quest, points, nonce, deadline }: Award): CheckedAward => ({
  who: requireAddress(who, 'The receiver'),
  quest: requireWhole(quest, 64, 'The quest'),
  points: requireSmall(points, 32, 'The points', 1),
  nonce: requireWhole(nonce, 256, 'The nonce'),
  deadline: requireWhole(deadline, 256, 'The deadline'),
});

/**
 * @library For the issuer of points; the quest server comes with the quests.
 *
 * @example
 * import { signAward } from '#lib/chain/actions/quests/sign-award.ts';
 *
 * const { award, signature } = await signAward(chain, { who: account, quest: 2n, points: 10, nonce: 41n, deadline });
 * show(`${award.points} points for ${award.who}, signed ${signature}`);
 */
export async function signAward(context: ChainContext, input: Award): Promise<{ award: CheckedAward; signature: Hex }> {
  const award = requireAward(input);
  if (award.deadline === 0n) throw new BadInputError('The deadline', 'lies in the past');
  const signer = await context.signer();
  const domain = await signingDomain(context, context.addresses.QuestBoard);
  return {
    award,
    signature: await signer.signTypedData({ domain, types: TYPES, primaryType: 'Award', message: award }),
  };
}
