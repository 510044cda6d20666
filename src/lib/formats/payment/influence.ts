// Row embeddings of a model version and the score of a row in a call, in integers and byte for byte like
// contracts/src/attribution/lib/{EntryCodec,SketchDot}.sol. Floats are quantised before this point.

import { fromHex, sizedBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { OutOfRangeError } from '#lib/core/errors.ts';
import { keccak256 } from '#lib/core/keccak.ts';
import { buildSumTree, type SumTree } from '#lib/core/merkle-sum.ts';

/** Components of a vector. */
export const VECTOR_SIZE = 256;

export interface InfluenceRow {
  /** sha256 of the canonical row. */
  rowLeaf: Hex;
  /** Rows with the same content share a cluster. */
  cluster: Hex;
  contributor: Hex;
  /** The row's Datanet and version. */
  datanet: bigint;
  version: number;
  scale: number;
  vector: Int8Array;
  /** Weight in a flat call. */
  base: bigint;
}

/** What a model version commits to: the tree over its rows, and its size. */
export interface Influence {
  rows: readonly InfluenceRow[];
  tree: SumTree;
  /** `influenceRoot` of the registry. */
  root: Hex;
}

/** The vector of a call. */
export interface CallVector {
  scale: number;
  values: Int8Array;
}

const COMMITMENT = Uint8Array.of(2);

function vectorBytes(vector: Int8Array): Uint8Array {
  if (vector.length !== VECTOR_SIZE) throw new OutOfRangeError(`A vector has ${VECTOR_SIZE} components`);
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.length);
}

export const vectorHex = (vector: Int8Array): Hex => toHex(vectorBytes(vector));

/** Content of the row's leaf. */
export const rowContent = ({ rowLeaf, cluster, contributor, datanet, version, scale, vector }: InfluenceRow): Hex =>
  toHex(
    keccak256(
      sizedBytes(rowLeaf, 32),
      sizedBytes(cluster, 32),
      sizedBytes(contributor, 20),
      uintBytes(datanet, 8),
      uintBytes(version, 4),
      uintBytes(scale, 2),
      vectorBytes(vector),
    ),
  );

export function commitInfluenceRows(rows: readonly InfluenceRow[]): Influence {
  const tree = buildSumTree(rows.map((row) => ({ content: rowContent(row), amount: row.base })));
  const size = [uintBytes(tree.total, 16), uintBytes(rows.length, 4)];
  return { rows, tree, root: toHex(keccak256(COMMITMENT, fromHex(tree.root), ...size)) };
}

/** Preimage of `vectorHash`: scale in two bytes, then the components. */
export const callVectorHex = ({ scale, values }: CallVector): Hex =>
  `${toHex(uintBytes(scale, 2))}${toHex(vectorBytes(values)).slice(2)}`;

export const hashCallVector = (vector: CallVector): Hex => toHex(keccak256(fromHex(callVectorHex(vector))));

/** The sum of products; its magnitude is at most 2^22. */
export function dotProduct(a: Int8Array, b: Int8Array): number {
  if (a.length !== VECTOR_SIZE || b.length !== VECTOR_SIZE) throw new OutOfRangeError('Vectors have 256 components');
  let sum = 0;
  for (let at = 0; at < VECTOR_SIZE; at++) sum += a[at]! * b[at]!;
  return sum;
}

/** The weight of a row in a call, at least zero; in a flat call (no vector) its base weight. */
export function weighRow(row: InfluenceRow, vector: CallVector | null, threshold: bigint): bigint {
  const raw = vector === null ? row.base : BigInt(dotProduct(vector.values, row.vector) * row.scale);
  return raw > threshold ? raw - threshold : 0n;
}
