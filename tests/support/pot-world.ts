// A model version with rows of several holders, and paid calls to it, from a seed: what a pot is made of. The records are those that
// the Settlement would book; tests on a chain take the booked ones instead.

import type { Hex } from '#lib/core/bytes.ts';
import { createRng } from '#lib/core/rng.ts';
import { encodeCallVector, VECTOR_SIZE } from '#lib/formats/payment/call-vector.ts';
import { buildHolderRows, buildShares, type Holder, type HolderRows } from '#lib/formats/payment/holders.ts';
import { commitInfluenceRows, type InfluenceRow } from '#lib/formats/payment/influence.ts';
import type { Lineage } from '#lib/formats/payment/lineage.ts';
import { chainLines, packRecordTerms, potOf, ZERO_WORD, type PotRecord } from '#lib/formats/payment/pot.ts';
import type { PublishedLine, PublishedRedemption } from '#lib/settlement/build-pot.ts';
import { knowInfluence, type KnownInfluence } from '#lib/settlement/known-influence.ts';
import { createNodePolicy, type AnsweredCall } from '#lib/settlement/node-policy.ts';
import { createRowOrigins, type DatanetShares } from '#lib/settlement/row-origins.ts';

export const LEDGER: Hex = `0x${'1e'.repeat(20)}`;
export const VERSION = (1n << 32n) | 1n;
export const THRESHOLD = 2000;

export interface WorldSize {
  rows: number;
  holders: number;
  clusters: number;
  /** Every so many rows lie in no cited version; 0 for none. */
  orphanEvery?: number;
  /** Id of the Datanet that the model cites. */
  datanet?: bigint;
  /** Of a holder, by its number. */
  accountOf?: (holder: number) => Hex;
}

export interface PotWorld {
  rows: InfluenceRow[];
  lineage: Lineage;
  shares: DatanetShares;
  /** The holders as a version's manifest lists them. */
  holders: Holder[];
  known: KnownInfluence;
  /** `receipt` is unique in this world. */
  call(costWei?: bigint, isFlat?: boolean): AnsweredCall;
  line(calls: readonly AnsweredCall[]): PublishedLine;
}

const padded = (value: number, size: number): Hex => `0x${value.toString(16).padStart(2 * size, '0')}`;
export const holderAddress = (holder: number): Hex => padded(0xa0_00 + holder, 20);

export function createPotWorld(seed: number, size: WorldSize): PotWorld {
  const { orphanEvery = 0, datanet = 1n, accountOf = holderAddress } = size;
  const rng = createRng(seed);
  const hex = (bytes: number): Hex =>
    `0x${Array.from({ length: bytes }, () => rng.below(256).toString(16).padStart(2, '0')).join('')}`;
  const vector = () => Int8Array.from({ length: VECTOR_SIZE }, () => rng.below(256) - 128);
  const isOrphan = (row: number) => orphanEvery > 0 && row % orphanEvery === orphanEvery - 1;
  const rows = Array.from({ length: size.rows }, (_, at): InfluenceRow => ({
    rowLeaf: hex(32),
    cluster: 100 + ((at * 31) % size.clusters),
    contributor: accountOf(at % size.holders),
    datanet,
    version: 1,
    scale: 1 + rng.below(0x3fff),
    vector: vector(),
  }));
  const held = Array.from({ length: size.holders }, (_, holder): HolderRows => ({
    account: accountOf(holder),
    rowLeaves: rows.filter((_row, at) => at % size.holders === holder && !isOrphan(at)).map(({ rowLeaf }) => rowLeaf),
  }));
  const holders = held.map(({ account, rowLeaves }): Holder => ({
    account,
    rows: rowLeaves.length,
    rowsRoot: buildHolderRows(rowLeaves).root,
  }));
  const lineage: Lineage = { parent: null, refs: [{ datanet, version: 1, weight: 1 }] };
  const shares: DatanetShares = { datanet, version: 1, holders: held, sharesRoot: buildShares(holders).root };
  const values = { root: commitInfluenceRows(rows).root, rows: rows.length, threshold: THRESHOLD };
  const known = knowInfluence(rows, values, createRowOrigins(lineage, [shares]));
  return {
    rows,
    lineage,
    shares,
    holders,
    known,
    call: (costWei = BigInt(1 + rng.below(1_000_000)) * 10n ** 10n, isFlat = false) => ({
      receipt: hex(32),
      vector: isFlat ? null : encodeCallVector({ scale: 0x3c00, values: vector() }),
      costWei,
    }),
    line(calls) {
      const policy = createNodePolicy();
      policy.admit(VERSION, [], { root: ZERO_WORD, rows: 0, threshold: 0 }, createRowOrigins(lineage, []));
      const signed = policy.build(VERSION, calls);
      policy.redeemed('pot', { lines: ZERO_WORD, terms: 0n, gross: 0n }, [signed]);
      return policy.publish('pot')[0]!.lines[0]!;
    },
  };
}

/** A redemption as the Settlement books it: a fifth of the gross is for contributors, 8,000 bps of that by influence. */
export function bookLines(lines: readonly PublishedLine[], time: number): PublishedRedemption {
  const gross = lines.reduce((sum, { amountWei }) => sum + amountWei, 0n);
  const poolWei = (gross * 16n) / 100n;
  const terms = packRecordTerms({ lines: lines.length, time, keepWei: poolWei / 50n, poolWei });
  const record: PotRecord = { lines: chainLines(lines), terms, gross };
  return { record, lines };
}

/** What the chain says of a pot of these redemptions. */
export const factsOf = (redemptions: readonly PublishedRedemption[]) => ({
  word: potOf(redemptions.map(({ record }) => record)),
  ledger: LEDGER,
});

/** A pot of random calls: `shape[r][l]` calls in line l of redemption r, every fifth without influence. */
export const randomRedemptions = (world: PotWorld, shape: readonly (readonly number[])[]): PublishedRedemption[] =>
  shape.map((lines, at) =>
    bookLines(
      lines.map((count) =>
        world.line(Array.from({ length: count }, (_, call) => world.call(undefined, call % 5 === 4))),
      ),
      1_700_000_000 + at,
    ),
  );
