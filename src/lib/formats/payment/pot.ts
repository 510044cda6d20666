// The influence money of (node, model version): how the Settlement chains redemptions and their lines into one word, and how that
// word is unrolled again. Byte for byte like contracts/src/attribution/lib/PotCodec.sol.

import { sizedBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import { TAG } from './hash-tags.ts';

/** Bounds, so that a pot can always be passed in one transaction. */
export const MOST_RECORDS = 256;
export const MOST_CALLS = 65_536;

export const ZERO_WORD: Hex = `0x${'00'.repeat(32)}`;

/** One line of a redemption: what a voucher paid for calls to the version. */
export interface PaidLine {
  /** Root of the receipts. */
  receipts: Hex;
  amountWei: bigint;
  calls: number;
}

/** What one redemption put into a pot; names and encoding are the contract's. */
export interface PotRecord {
  /** Chain over the lines. */
  lines: Hex;
  /** `count: 3 bytes | time: 5 | keep: 12 | pool: 12`. */
  terms: bigint;
  /** What the lines add up to, wei. */
  gross: bigint;
}

export interface RecordTerms {
  lines: number;
  /** Seconds since 1970. */
  time: number;
  keepWei: bigint;
  poolWei: bigint;
}

/** What a pot's word says. */
export interface PotWord {
  /** The first 25 bytes of the chain, zeros behind. */
  chain: Hex;
  records: number;
  /** Time of the oldest record, seconds since 1970. */
  since: number;
}

const low = (value: bigint, bits: number): bigint => BigInt.asUintN(bits, value);

/** `amount << 32 | calls`. */
export const lineTerms = ({ amountWei, calls }: Omit<PaidLine, 'receipts'>): bigint =>
  (amountWei << 32n) | BigInt(calls);

/** The chain over lines, in their order. @throws OutOfRangeError */
export const chainLines = (lines: readonly PaidLine[]): Hex =>
  lines.reduce<Hex>(
    (chain, line) =>
      toHex(
        keccak256(
          Uint8Array.of(TAG.line),
          sizedBytes(chain, 32),
          sizedBytes(line.receipts, 32),
          uintBytes(line.amountWei, 28),
          uintBytes(line.calls, 4),
        ),
      ),
    ZERO_WORD,
  );

/**
 * As the Settlement packs them.
 *
 * @library For builders of records that are not on a chain.
 * @throws OutOfRangeError
 */
export const packRecordTerms = ({ lines, time, keepWei, poolWei }: RecordTerms): bigint =>
  BigInt(
    toHex(
      Uint8Array.of(
        ...uintBytes(lines, 3),
        ...uintBytes(time, 5),
        ...uintBytes(keepWei, 12),
        ...uintBytes(poolWei, 12),
      ),
    ),
  );

export const readRecordTerms = (terms: bigint): RecordTerms => ({
  lines: Number(terms >> 232n),
  time: Number(low(terms >> 192n, 40)),
  keepWei: low(terms >> 96n, 96),
  poolWei: low(terms, 96),
});

export const readPotWord = (word: Hex): PotWord => ({
  chain: `${word.slice(0, 52)}${'00'.repeat(7)}` as Hex,
  records: Number(low(BigInt(word) >> 40n, 16)),
  since: Number(low(BigInt(word), 40)),
});

/** The pot with one more record; an empty pot is the zero word. @throws OutOfRangeError */
export function addRecord(word: Hex, { lines, terms, gross }: PotRecord): Hex {
  const pot = readPotWord(word);
  const parts = [sizedBytes(pot.chain, 32), sizedBytes(lines, 32), uintBytes(terms, 32), uintBytes(gross, 32)];
  const chain = keccak256(Uint8Array.of(TAG.record), ...parts).subarray(0, 25);
  const since = pot.records === 0 ? readRecordTerms(terms).time : pot.since;
  return toHex(Uint8Array.of(...chain, ...uintBytes(pot.records + 1, 2), ...uintBytes(since, 5)));
}

/** The word of the pot that these records make. */
export const potOf = (records: readonly PotRecord[]): Hex => records.reduce(addRecord, ZERO_WORD);
