// Builds the proof for a claim: an account's leaf in the final accounts or in a season's rewards.

import type { Hex } from '#lib/core/bytes.ts';
import type { EpochAccount } from '#lib/formats/payment/epoch-leaves.ts';
import { sealAccounts } from './epoch.ts';
import { NothingEarnedError } from './errors.ts';

/** `Claim` of IAttributionLedger. */
export interface ClaimProof {
  account: Hex;
  /** Wei: since the beginning, or of the season. */
  cumulative: bigint;
  index: bigint;
  siblings: Hex[];
  sums: bigint[];
}

/**
 * Proofs from one tree.
 *
 * @example
 * import { claim } from '#lib/chain/actions/settlement/claim.ts';
 * import { createClaimProofs } from '#lib/settlement/claim-proof.ts';
 *
 * const proofs = createClaimProofs(epoch.accounts);
 * await run(await claim(chain, proofs.of(account)));
 */
export function createClaimProofs(accounts: readonly EpochAccount[]): {
  root: Hex;
  totalWei: bigint;
  of(account: Hex): ClaimProof;
} {
  const { tree, root, totalWei } = sealAccounts(accounts);
  const placeOf = new Map(accounts.map(({ account }, place) => [BigInt(account), place]));
  return {
    root,
    totalWei,
    of(account) {
      const place = placeOf.get(BigInt(account));
      if (place === undefined) throw new NothingEarnedError(account);
      return { account, cumulative: accounts[place]!.cumulativeWei, ...tree.path(place) };
    },
  };
}
