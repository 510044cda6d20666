// What an account passes in to be paid: its word of a final list, its place among the holders of a Datanet version, or its leaf in a
// season's rewards.

import type { Hex } from '#lib/core/bytes.ts';
import { buildShares, type Holder } from '#lib/formats/payment/holders.ts';
import { buildPayoutTree, readPayout } from '#lib/formats/payment/payout-list.ts';
import { buildSeasonTree, type SeasonReward } from '#lib/formats/payment/season-leaves.ts';
import { NothingEarnedError } from './errors.ts';

/** `Claim` of IAttributionLedger. */
export interface PotClaim {
  id: bigint;
  index: bigint;
  amount: bigint;
  path: Hex[];
}

/** `Holder` of IAttributionLedger. */
export interface HolderClaim {
  account: Hex;
  rowsRoot: Hex;
  rows: number;
  place: bigint;
  siblings: Hex[];
  sums: bigint[];
}

/** Arguments of `claim` of ISeasonRewards. */
export interface SeasonClaimProof {
  account: Hex;
  amount: bigint;
  index: bigint;
  siblings: Hex[];
  sums: bigint[];
}

/**
 * An account's claim on pot `id`, which was made final with this list.
 *
 * @throws NothingEarnedError
 * @example
 * import { claimPots } from '#lib/chain/actions/settlement/claim-pots.ts';
 * import { potClaim } from '#lib/settlement/claims.ts';
 *
 * await run(await claimPots(chain, { account, claims: [potClaim(12n, pot.list, account)] }));
 */
export function potClaim(id: bigint, list: readonly bigint[], account: Hex): PotClaim {
  const index = list.findIndex((word) => word >> 96n === BigInt(account));
  if (index < 0) throw new NothingEarnedError(account);
  return {
    id,
    index: BigInt(index),
    amount: readPayout(list[index]!).amountWei,
    path: buildPayoutTree(list).path(index),
  };
}

/**
 * An account's claims on flat income of a Datanet version: one for each of its places among the holders.
 *
 * @throws NothingEarnedError
 * @example
 * import { claimFlat } from '#lib/chain/actions/settlement/claim-flat.ts';
 * import { holderClaims } from '#lib/settlement/claims.ts';
 *
 * const holders = version.contributors.map(({ address, rows, root }) => ({ account: address, rows, rowsRoot: root }));
 * const [holder] = holderClaims(holders, account);
 * await run(await claimFlat(chain, { datanet: 3n, version: 2, holder: holder! }));
 */
export function holderClaims(holders: readonly Holder[], account: Hex): HolderClaim[] {
  const tree = buildShares(holders);
  const claims = holders.flatMap((holder, place): HolderClaim[] => {
    if (BigInt(holder.account) !== BigInt(account)) return [];
    const { siblings, sums } = tree.path(place);
    return [{ ...holder, place: BigInt(place), siblings, sums }];
  });
  if (claims.length === 0) throw new NothingEarnedError(account);
  return claims;
}

/**
 * Root, total and claims of a season's rewards.
 *
 * @example
 * import { seasonClaims } from '#lib/settlement/claims.ts';
 *
 * const { root, totalWei } = seasonClaims(seasonRewards);
 * show(`${totalWei} wei under ${root}`);
 */
export function seasonClaims(rewards: readonly SeasonReward[]): {
  root: Hex;
  totalWei: bigint;
  /** @throws NothingEarnedError */
  of(account: Hex): SeasonClaimProof;
} {
  const tree = buildSeasonTree(rewards);
  return {
    root: tree.root,
    totalWei: tree.total,
    of(account) {
      const place = rewards.findIndex((one) => BigInt(one.account) === BigInt(account));
      if (place < 0) throw new NothingEarnedError(account);
      return { account, amount: rewards[place]!.amountWei, ...tree.path(place) };
    },
  };
}
