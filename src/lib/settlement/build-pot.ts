// Builds the list of a pot from its published receipts, by the one rule of formats/payment/call-rule.ts: in one pass, in integers, equal
// on every machine. Receipts that are not those of the pot are refused by name; the work is bounded by calls times rows.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import type { SumTree } from '#lib/core/merkle-sum.ts';
import { CALL_VECTOR_BYTES } from '#lib/formats/payment/call-vector.ts';
import { callPool, entryParts, type CallEntry } from '#lib/formats/payment/call-rule.ts';
import { isListed, isPayable, packPayout } from '#lib/formats/payment/payout-list.ts';
import {
  chainLines,
  MOST_CALLS,
  potOf,
  readRecordTerms,
  ZERO_WORD,
  type PaidLine,
  type PotRecord,
} from '#lib/formats/payment/pot.ts';
import { buildReceipts } from '#lib/formats/payment/receipts.ts';
import type { LineReceipts, PublishedCall } from '#lib/formats/payment/pot-receipts.ts';
import { ReceiptsDifferError } from './errors.ts';
import type { KnownInfluence } from './known-influence.ts';
import { createWeigher } from './weigh-call.ts';

/** A line of a voucher, as the Settlement's event has it, with its calls. */
export interface PublishedLine extends PaidLine, LineReceipts {}

export interface PublishedRedemption {
  record: PotRecord;
  lines: readonly PublishedLine[];
}

/** What the chain says of a pot. */
export interface PotFacts {
  /** As it was sealed. */
  word: Hex;
  /** The contract that pays, which no list can pay. */
  ledger: Hex;
}

export interface BuiltCall extends PublishedCall {
  entries: readonly CallEntry[];
}

export interface BuiltLine extends PaidLine {
  /** Null for a line of 0 calls, whose root nothing opens. */
  tree: SumTree | null;
  built: readonly BuiltCall[];
}

export interface BuiltRedemption {
  record: PotRecord;
  poolWei: bigint;
  lines: readonly BuiltLine[];
}

export interface BuiltPot {
  word: Hex;
  poolWei: bigint;
  keepWei: bigint;
  redemptions: readonly BuiltRedemption[];
  known: KnownInfluence;
  /** What every account gets, also those that the list leaves out. */
  amounts: ReadonlyMap<Hex, bigint>;
  /** Words of the list, ready to be proposed. */
  list: readonly bigint[];
  /** What the list pays. */
  totalWei: bigint;
}

const differ = (redemption: number, line: number, what: string) =>
  new ReceiptsDifferError(`${what} (line ${line} of redemption ${redemption})`);

/** Published values are of any kind: what cannot be hashed is not what was signed. */
function hashed<T>(make: () => T, where: string): T {
  try {
    return make();
  } catch (cause) {
    throw new ReceiptsDifferError(`${where} has a value that cannot be hashed`, cause);
  }
}

function checkCalls(
  { published, calls, receipts, amountWei }: PublishedLine,
  redemption: number,
  line: number,
): SumTree | null {
  if (published.length > calls || calls > MOST_CALLS) {
    throw differ(redemption, line, `${published.length} receipts do not fit ${calls} calls`);
  }
  if (calls === 0) return null;
  const tree = hashed(() => buildReceipts(published, calls), `line ${line} of redemption ${redemption}`);
  published.forEach(({ vector, vectorHash }, call) => {
    const hash = vector === null ? ZERO_WORD : vector.length === CALL_VECTOR_BYTES && toHex(keccak256(vector));
    if (hash !== vectorHash.toLowerCase()) {
      throw differ(redemption, line, `the vector of call ${call} does not have the hash that was signed`);
    }
  });
  if (tree.root !== receipts.toLowerCase() || tree.total !== amountWei) {
    throw differ(redemption, line, 'the receipts do not make the root and the amount that were signed');
  }
  return tree;
}

/** Equal vectors are weighed once. */
function createCallWeigher(known: KnownInfluence): (call: PublishedCall) => readonly CallEntry[] {
  const weigh = createWeigher(known);
  const kept = new Map<Hex, CallEntry[]>();
  return ({ vector, vectorHash }) => {
    if (vector === null) return [];
    const found = kept.get(vectorHash);
    if (found) return found;
    const entries = weigh(vector);
    kept.set(vectorHash, entries);
    return entries;
  };
}

/**
 * What each account gets of a call, by account.
 *
 * @example
 * import { partsOfCall } from '#lib/settlement/build-pot.ts';
 *
 * const { record, poolWei, lines } = pot.redemptions[0]!;
 * for (const [account, wei] of partsOfCall(lines[0]!.built[0]!, poolWei, record.gross)) show(`${account}: ${wei} wei`);
 */
export function partsOfCall({ costWei, entries }: BuiltCall, poolWei: bigint, grossWei: bigint): Map<Hex, bigint> {
  const parts = new Map<Hex, bigint>();
  const each = entryParts(entries, callPool(costWei, poolWei, grossWei));
  entries.forEach(({ account }, at) => parts.set(account, (parts.get(account) ?? 0n) + each[at]!));
  return parts;
}

/**
 * The list of an account's amounts: of those that can be paid, each with a 1,024th of the pool or more, ascending.
 *
 * @example
 * import { listPayouts } from '#lib/settlement/build-pot.ts';
 *
 * const list = listPayouts(pot.amounts, pot.poolWei, chain.addresses.AttributionLedger);
 */
export const listPayouts = (amounts: ReadonlyMap<Hex, bigint>, poolWei: bigint, ledger: Hex): bigint[] =>
  [...amounts]
    .filter(([account, amountWei]) => isPayable(account, ledger) && isListed(amountWei, poolWei))
    .sort(([a], [b]) => (BigInt(a) < BigInt(b) ? -1 : 1))
    .map(([account, amountWei]) => packPayout({ account, amountWei }));

/**
 * Builds the pot with its list. What the list does not pay (rounding, calls without influence, small accounts) is flat.
 *
 * @throws ReceiptsDifferError for receipts that are not those of the pot
 * @example
 * import { buildPot } from '#lib/settlement/build-pot.ts';
 *
 * const pot = buildPot(published, { word: sealed.word, ledger: chain.addresses.AttributionLedger }, known);
 * show(`The list pays ${pot.totalWei} of ${pot.poolWei} wei to ${pot.list.length} accounts`);
 */
export function buildPot(
  published: readonly PublishedRedemption[],
  { word, ledger }: PotFacts,
  known: KnownInfluence,
): BuiltPot {
  checkRecords(published, word);
  const weigh = createCallWeigher(known);
  const amounts = new Map<Hex, bigint>();
  let poolWei = 0n;
  let keepWei = 0n;
  const redemptions = published.map(({ record, lines }, redemption): BuiltRedemption => {
    const terms = readRecordTerms(record.terms);
    poolWei += terms.poolWei;
    keepWei += terms.keepWei;
    return {
      record,
      poolWei: terms.poolWei,
      lines: lines.map((line, at): BuiltLine => {
        const tree = checkCalls(line, redemption, at);
        const built = tree === null ? [] : line.published.map((call) => ({ ...call, entries: weigh(call) }));
        for (const call of built) {
          for (const [account, wei] of partsOfCall(call, terms.poolWei, record.gross)) {
            amounts.set(account, (amounts.get(account) ?? 0n) + wei);
          }
        }
        return { receipts: line.receipts, amountWei: line.amountWei, calls: line.calls, tree, built };
      }),
    };
  });
  const list = listPayouts(amounts, poolWei, ledger);
  const totalWei = list.reduce((sum, payout) => sum + BigInt.asUintN(96, payout), 0n);
  return { word, poolWei, keepWei, redemptions, known, amounts, list, totalWei };
}

function checkRecords(published: readonly PublishedRedemption[], word: Hex) {
  if (hashed(() => potOf(published.map(({ record }) => record)), 'a redemption') !== word.toLowerCase()) {
    throw new ReceiptsDifferError('the redemptions are not those that were sealed');
  }
  published.forEach(({ record, lines }, redemption) => {
    const chain = hashed(() => chainLines(lines), `redemption ${redemption}`);
    if (chain !== record.lines.toLowerCase() || readRecordTerms(record.terms).lines !== lines.length) {
      throw new ReceiptsDifferError(`the lines of redemption ${redemption} are not those that were booked`);
    }
  });
}
