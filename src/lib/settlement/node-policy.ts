// What a node accepts, which is part of its safety: it must be able to open every call that it is paid for. It takes vouchers only for lines
// that it built itself, answers with influence only where it computed rows, root and origins again, and keeps receipts until every pot
// that they are part of is final or flat. It keeps them in memory; storing them is left to its owner.

import { toHex } from '#lib/core/bytes.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import { CALL_VECTOR_BYTES } from '#lib/formats/payment/call-vector.ts';
import type { InfluenceValues } from '#lib/formats/payment/court-game.ts';
import type { InfluenceRow } from '#lib/formats/payment/influence.ts';
import { MOST_CALLS, ZERO_WORD, type PaidLine, type PotRecord } from '#lib/formats/payment/pot.ts';
import { buildReceipts } from '#lib/formats/payment/receipts.ts';
import type { PublishedCall } from '#lib/formats/payment/pot-receipts.ts';
import type { PublishedLine, PublishedRedemption } from './build-pot.ts';
import { ReceiptsNeededError, VoucherNotAcceptedError } from './errors.ts';
import { admitInfluence, type KnownInfluence } from './known-influence.ts';
import type { RowOrigins } from './row-origins.ts';

/** A call as the node answered it: the hash of its vector is computed here. */
export type AnsweredCall = Pick<PublishedCall, 'receipt' | 'vector' | 'costWei'>;

/** A line of a voucher: to which version (`model << 32 | version`), and what was signed. */
export interface SignedLine extends PaidLine {
  version: bigint;
}

export interface NodePolicy {
  /** Computes the influence of a version again; without this its calls are answered without influence. @throws InfluenceDiffersError */
  admit(version: bigint, rows: readonly InfluenceRow[], values: InfluenceValues, origins: RowOrigins): KnownInfluence;
  /** Builds the line over calls, keeps their receipts, and returns what the payer has to sign. @throws VoucherNotAcceptedError */
  build(version: bigint, calls: readonly AnsweredCall[]): SignedLine;
  /** Checks the lines of a voucher before the node signs or takes it. @throws VoucherNotAcceptedError */
  accept(lines: readonly SignedLine[]): void;
  /** Forgets a line that a later voucher replaced. @throws ReceiptsNeededError after it was redeemed */
  discard(line: SignedLine): void;
  /** Notes that a redemption of these lines is part of pot `pot` (any name that stays the same). @throws ReceiptsNeededError */
  redeemed(pot: string, record: PotRecord, lines: readonly SignedLine[]): void;
  /** All redemptions of a pot with their receipts, as anyone needs them to build its list. */
  publish(pot: string): PublishedRedemption[];
  /** Forgets the receipts of a pot. @throws ReceiptsNeededError while it is neither final nor flat */
  close(pot: string, state: 'open' | 'sealed' | 'final' | 'flat'): void;
}

const keyOf = ({ version, receipts }: Pick<SignedLine, 'version' | 'receipts'>): string =>
  `${version} ${receipts.toLowerCase()}`;

interface KeptLine {
  line: PublishedLine;
  /** Pots that it is part of. */
  pots: Set<string>;
}

function publishedCall({ receipt, vector, costWei }: AnsweredCall): PublishedCall {
  if (vector !== null && vector.length !== CALL_VECTOR_BYTES) {
    throw new VoucherNotAcceptedError(`a vector has ${vector.length} bytes, not ${CALL_VECTOR_BYTES}`);
  }
  return { receipt, vector, vectorHash: vector === null ? ZERO_WORD : toHex(keccak256(vector)), costWei };
}

/**
 * The rules of a node, with the receipts that it must keep.
 *
 * @example
 * import { createNodePolicy } from '#lib/settlement/node-policy.ts';
 *
 * const policy = createNodePolicy();
 * const line = policy.build(7n << 32n, [{ receipt: digest, vector: null, costWei: 10n }]);
 * policy.accept([line]);
 */
export function createNodePolicy(): NodePolicy {
  const admitted = new Set<bigint>();
  const kept = new Map<string, KeptLine>();
  const pots = new Map<string, { record: PotRecord; keys: string[] }[]>();
  return {
    admit(version, rows, values, origins) {
      const known = admitInfluence(rows, values, origins);
      admitted.add(version);
      return known;
    },
    build(version, calls) {
      if (calls.length === 0 || calls.length > MOST_CALLS) {
        throw new VoucherNotAcceptedError(`a line has 1 to ${MOST_CALLS} calls, not ${calls.length}`);
      }
      if (calls.some(({ vector }) => vector !== null) && !admitted.has(version)) {
        throw new VoucherNotAcceptedError(
          'a call has a vector, but the influence of its version was not computed again',
        );
      }
      const published = calls.map(publishedCall);
      const tree = buildReceipts(published);
      const line: PublishedLine = { receipts: tree.root, amountWei: tree.total, calls: calls.length, published };
      const key = keyOf({ version, receipts: tree.root });
      if (!kept.has(key)) kept.set(key, { line, pots: new Set() });
      return { version, receipts: tree.root, amountWei: tree.total, calls: calls.length };
    },
    accept(lines) {
      for (const line of lines) {
        const found = kept.get(keyOf(line));
        if (!found) throw new VoucherNotAcceptedError(`this node did not build the receipts ${line.receipts}`);
        if (found.pots.size > 0)
          throw new VoucherNotAcceptedError(`the receipts ${line.receipts} were redeemed before`);
        if (found.line.amountWei !== line.amountWei || found.line.calls !== line.calls) {
          throw new VoucherNotAcceptedError('amount or number of calls are not those of its receipts');
        }
      }
      if (new Set(lines.map(keyOf)).size !== lines.length) throw new VoucherNotAcceptedError('two lines are the same');
    },
    discard(line) {
      if ((kept.get(keyOf(line))?.pots.size ?? 0) > 0) throw new ReceiptsNeededError('the line was redeemed');
      kept.delete(keyOf(line));
    },
    redeemed(pot, record, lines) {
      const keys = lines.map(keyOf);
      const missing = keys.findIndex((key) => !kept.has(key));
      if (missing >= 0) throw new ReceiptsNeededError(`those of line ${missing} are missing`);
      for (const key of keys) kept.get(key)!.pots.add(pot);
      pots.set(pot, [...(pots.get(pot) ?? []), { record, keys }]);
    },
    publish: (pot) =>
      (pots.get(pot) ?? []).map(({ record, keys }) => ({ record, lines: keys.map((key) => kept.get(key)!.line) })),
    close(pot, state) {
      if (state !== 'final' && state !== 'flat') throw new ReceiptsNeededError(`pot ${pot} is ${state}`);
      for (const key of (pots.get(pot) ?? []).flatMap(({ keys }) => keys)) {
        const line = kept.get(key);
        line?.pots.delete(pot);
        if (line?.pots.size === 0) kept.delete(key);
      }
      pots.delete(pot);
    },
  };
}
