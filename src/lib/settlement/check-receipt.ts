// The statements of a receipt that follow from its own bytes and from the file of influence it names: each check says what differs, or
// null. Integers only, so the answer is the same on every machine.

import { apportion } from '#lib/core/apportion.ts';
import {
  buildEntryTree,
  vectorHashOf,
  type AnswerReceipt,
  type ReceiptPart,
} from '#lib/formats/payment/answer-receipt.ts';
import { callPool, entryParts, packEntry, type CallEntry } from '#lib/formats/payment/call-rule.ts';
import { splitPayment, type PaymentSplit } from '#lib/formats/payment/payment-split.ts';
import type { KnownInfluence } from './known-influence.ts';
import { createWeigher } from './weigh-call.ts';

/** What differs, in words; null when nothing does. */
export type Difference = string | null;

/**
 * Whether the adapter changed the answer enough to pay its rows: the lift is above the version's least lift for each token.
 *
 * @example
 * import { passesLift } from '#lib/settlement/check-receipt.ts';
 *
 * show(passesLift({ liftMillinats: 900, outputTokens: 30 }, 20) ? 'Its rows are paid' : 'All is flat money');
 */
export const passesLift = (
  { liftMillinats, outputTokens }: Pick<AnswerReceipt, 'liftMillinats' | 'outputTokens'>,
  liftPerToken: number,
): boolean => liftMillinats > liftPerToken * outputTokens;

/**
 * The vector of a part has the hash that was signed.
 *
 * @example
 * import { checkVector } from '#lib/settlement/check-receipt.ts';
 *
 * show(checkVector(receipt.parts[0]!) ?? 'The vector is the signed one');
 */
export const checkVector = ({ vector, query }: Pick<ReceiptPart, 'vector' | 'query'>): Difference =>
  vectorHashOf(vector) === query ? null : `the vector does not have the hash ${query}`;

/**
 * The entries of a part make the root that was signed.
 *
 * @example
 * import { checkAttributionRoot } from '#lib/settlement/check-receipt.ts';
 *
 * show(checkAttributionRoot(receipt.parts[0]!) ?? 'The shares are the signed ones');
 */
export const checkAttributionRoot = ({
  entries,
  attribution,
}: Pick<ReceiptPart, 'entries' | 'attribution'>): Difference =>
  buildEntryTree(entries).root === attribution ? null : `the shares do not make the root ${attribution}`;

/**
 * The cost is shared among the parts of a blend by their weights, to the wei.
 *
 * @example
 * import { checkCosts } from '#lib/settlement/check-receipt.ts';
 *
 * show(checkCosts(receipt) ?? 'The parts cost what they should');
 */
export function checkCosts({ costWei, parts }: Pick<AnswerReceipt, 'costWei' | 'parts'>): Difference {
  const right = apportion(
    costWei,
    parts.map(({ weightBps }) => BigInt(weightBps)),
  );
  const at = parts.findIndex((part, index) => part.costWei !== right[index]);
  return at < 0 ? null : `part ${at} costs ${parts[at]!.costWei} wei, by its weight ${right[at]!}`;
}

/** How an entry is named in a difference. */
const inWords = ({ account, row, weight }: CallEntry): string => `row ${row} of ${account} with weight ${weight}`;

/**
 * The entries of a part are what the rule makes of its vector and the rows of its version.
 *
 * @example
 * import { checkEntries } from '#lib/settlement/check-receipt.ts';
 *
 * show(checkEntries(receipt.parts[0]!, known) ?? 'Every share is right');
 */
export function checkEntries(
  { vector, entries }: Pick<ReceiptPart, 'vector' | 'entries'>,
  known: Pick<KnownInfluence, 'influence' | 'threshold' | 'counts'>,
): Difference {
  const right = vector === null ? [] : createWeigher(known)(vector);
  const most = Math.max(right.length, entries.length);
  for (let at = 0; at < most; at++) {
    const [mine, theirs] = [right[at], entries[at]];
    if (mine && theirs && packEntry(mine) === packEntry(theirs)) continue;
    return `share ${at} is ${theirs ? inWords(theirs) : 'missing'}, by the rule ${mine ? inWords(mine) : 'there is none'}`;
  }
  return null;
}

/** What an entry gets of a part. */
export interface AnswerShare extends CallEntry {
  /** Of the part's pool; all shares of a part add up to exactly 10,000. */
  shareBps: number;
  amountWei: bigint;
}

/**
 * What each row gets of a part, and where the rest of its cost goes. A redemption that holds many calls rounds once for all of them, so its
 * pot may differ by some wei.
 *
 * @example
 * import { sharesOfPart } from '#lib/settlement/check-receipt.ts';
 *
 * const { split, shares } = sharesOfPart(receipt.parts[0]!);
 * for (const { account, shareBps } of shares) show(`${account}: ${shareBps} of 10,000`);
 * show(`${split.poolWei} wei are shared by influence`);
 */
export function sharesOfPart(part: Pick<ReceiptPart, 'costWei' | 'terms' | 'entries'>): {
  split: PaymentSplit;
  shares: AnswerShare[];
  /** What rounding leaves of the pool, or all of it without entries: it becomes flat money. */
  restWei: bigint;
} {
  const { costWei, terms, entries } = part;
  const split = splitPayment(costWei, terms);
  const weights = entries.map(({ weight }) => BigInt(weight));
  const bps = entries.length === 0 ? [] : apportion(10_000n, weights);
  const amounts = entryParts(entries, callPool(costWei, split.poolWei, costWei));
  const shares = entries.map((entry, at) => ({ ...entry, shareBps: Number(bps[at]!), amountWei: amounts[at]! }));
  return { split, shares, restWei: split.poolWei - amounts.reduce((sum, wei) => sum + wei, 0n) };
}
