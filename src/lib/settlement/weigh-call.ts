// What every row weighs in a call, and the entries that follow: the one rule of formats/payment/call-rule.ts, applied to the rows of a
// version. Lists of pots and receipts of answers are made by this.

import { listEntries, rowWeight, type CallEntry } from '#lib/formats/payment/call-rule.ts';
import type { KnownInfluence } from './known-influence.ts';

/**
 * A function from the 258 bytes of a call's vector to its entries. It uses one buffer for all calls.
 *
 * @example
 * import { createWeigher } from '#lib/settlement/weigh-call.ts';
 *
 * const entries = createWeigher(known)(new Uint8Array(258));
 * show(`${entries.length} rows are paid`);
 */
export function createWeigher({
  influence: { rows },
  threshold,
  counts,
}: Pick<KnownInfluence, 'influence' | 'threshold' | 'counts'>): (vector: Uint8Array) => CallEntry[] {
  const weights = new Float64Array(rows.length);
  return (bytes) => {
    const vector = new Int8Array(bytes.buffer, bytes.byteOffset + 2, bytes.length - 2);
    rows.forEach((row, at) => (weights[at] = counts[at] ? rowWeight(vector, row, threshold) : 0));
    return listEntries(rows, weights);
  };
}
