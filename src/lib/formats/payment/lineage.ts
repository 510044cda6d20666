// The sources of a model version, packed and hashed like contracts/src/interfaces/DatanetRef.sol.

import { toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { OutOfRangeError } from '#lib/core/errors.ts';
import { keccak256 } from '#lib/core/keccak.ts';

export interface DatanetRef {
  datanet: bigint;
  version: number;
  /** Relative to the others. */
  weight: number;
}

export interface ModelVersion {
  model: bigint;
  version: number;
}

export interface Lineage {
  /** The model version that this one continues. */
  parent: ModelVersion | null;
  /** Strictly ascending by (datanet, version). */
  refs: readonly DatanetRef[];
}

const fits = (value: bigint, bits: number) => value >= 0n && value >> BigInt(bits) === 0n;

/** (datanet, version) as one number. */
export const citedKey = ({ datanet, version }: Pick<DatanetRef, 'datanet' | 'version'>): bigint =>
  (datanet << 32n) | BigInt(version);

/** `datanet << 48 | version << 16 | weight`. */
export function packDatanetRef({ datanet, version, weight }: DatanetRef): bigint {
  if (!fits(datanet, 64) || !fits(BigInt(version), 32) || !fits(BigInt(weight), 16)) {
    throw new OutOfRangeError(`Version ${version} of Datanet ${datanet} with weight ${weight} is out of range`);
  }
  return (citedKey({ datanet, version }) << 16n) | BigInt(weight);
}

/** What `packDatanetRef` packed. */
export const unpackDatanetRef = (packed: bigint): DatanetRef => ({
  datanet: packed >> 48n,
  version: Number((packed >> 16n) & 0xffff_ffffn),
  weight: Number(packed & 0xffffn),
});

/** What `packParent` packed. */
export const unpackParent = (packed: bigint): ModelVersion | null =>
  packed === 0n ? null : { model: packed >> 32n, version: Number(packed & 0xffff_ffffn) };

/** `model << 32 | version`, 0 for none. */
export function packParent(parent: ModelVersion | null): bigint {
  if (parent === null) return 0n;
  if (!fits(parent.model, 64) || !fits(BigInt(parent.version), 32)) {
    throw new OutOfRangeError(`Version ${parent.version} of model ${parent.model} is out of range`);
  }
  return (parent.model << 32n) | BigInt(parent.version);
}

/** What a model version commits to: `keccak256(abi.encode(uint256 parent, uint112[] refs))`. */
export function hashLineage({ parent, refs }: Lineage): Hex {
  const words = [packParent(parent), 64n, BigInt(refs.length), ...refs.map(packDatanetRef)];
  return toHex(keccak256(...words.map((word) => uintBytes(word, 32))));
}
