// Compares a posted list with the one that follows from the receipts: one walk over two sorted lists, 2,048 steps at most. Each account that
// differs can be asked about; the court then decides.

import type { Hex } from '#lib/core/bytes.ts';
import type { ListPlace } from '#lib/formats/payment/court-game.ts';
import { buildPayoutTree, readPayout } from '#lib/formats/payment/payout-list.ts';
import type { BuiltPot } from './build-pot.ts';

/** An account that the list pays wrongly. */
export interface WrongPayout {
  account: Hex;
  /** 0 for an account that is not listed. */
  postedWei: bigint;
  rightWei: bigint;
}

const size = (value: bigint): bigint => (value < 0n ? -value : value);
const distance = ({ postedWei, rightWei }: WrongPayout): bigint => size(postedWei - rightWei);

/**
 * The accounts that a posted list pays wrongly, the largest difference first; none when it is the list of the pot.
 *
 * @example
 * import { auditList } from '#lib/settlement/audit-list.ts';
 *
 * const [worst] = auditList(pot, [5n << 96n]);
 * if (worst) show(`Ask about ${worst.account}: ${worst.postedWei} wei instead of ${worst.rightWei}`);
 */
export function auditList(pot: Pick<BuiltPot, 'list'>, posted: readonly bigint[]): WrongPayout[] {
  const found: WrongPayout[] = [];
  let [ours, theirs] = [0, 0];
  while (ours < pot.list.length || theirs < posted.length) {
    const right = pot.list[ours];
    const other = posted[theirs];
    if (right === other) {
      [ours, theirs] = [ours + 1, theirs + 1];
      continue;
    }
    const [a, b] = [right, other].map((word) => (word === undefined ? 1n << 160n : word >> 96n)) as [bigint, bigint];
    const { account } = readPayout(a <= b ? right! : other!);
    found.push({
      account,
      postedWei: b <= a ? readPayout(other!).amountWei : 0n,
      rightWei: a <= b ? readPayout(right!).amountWei : 0n,
    });
    if (a <= b) ours++;
    if (b <= a) theirs++;
  }
  return found.sort((a, b) => Number(distance(b) > distance(a)) - Number(distance(b) < distance(a)));
}

/**
 * Where an account stands in a posted list, with the paths that the court checks; for one that is not listed, its neighbours.
 *
 * @example
 * import { challengeAccount } from '#lib/chain/actions/settlement/challenge-account.ts';
 * import { placeInList } from '#lib/settlement/audit-list.ts';
 *
 * await run(await challengeAccount(chain, { meta: move.meta, account, place: placeInList(pot.list, account) }));
 */
export function placeInList(list: readonly bigint[], account: Hex): ListPlace {
  const tree = buildPayoutTree(list);
  const after = list.findIndex((word) => word >> 96n >= BigInt(account));
  const index = after < 0 ? list.length : after;
  const here = list[index];
  const isListed = here !== undefined && here >> 96n === BigInt(account);
  const left = isListed ? undefined : list[index - 1];
  const right = isListed ? undefined : here;
  return {
    isListed,
    amount: isListed ? readPayout(here).amountWei : 0n,
    index: BigInt(index),
    path: isListed ? tree.path(index) : [],
    left: left ?? 0n,
    leftPath: left === undefined ? [] : tree.path(index - 1),
    right: right ?? 0n,
    rightPath: right === undefined ? [] : tree.path(index),
  };
}
