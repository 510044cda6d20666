// How keys and values are stored: pairs of elements, as two f32 or one f16x2 word, or four bytes a word with one scale for each key and
// each value of a head. The scales lie behind all elements. WGSL and its plain twin.

import { halfAt, toHalf } from '#lib/core/half.ts';
import { ELEMENT_BYTES, type ElementDtype } from '../../element.ts';
import type { Memory } from '../../kernel.ts';

/** `i8`: elements are 127ths of their vector's scale. Heads are a multiple of four elements there. */
export type KvDtype = ElementDtype | 'i8';

export interface KvLayout {
  kv: KvDtype;
  headDim: number;
  /** Pairs before the values. */
  valuesAt: number;
}

/** A key or a value of one head: its elements, and its scale if it has one. */
export const kvVectorBytes = (dtype: KvDtype, headDim: number): { elements: number; scale: number } =>
  dtype === 'i8' ? { elements: headDim, scale: 4 } : { elements: headDim * ELEMENT_BYTES[dtype], scale: 0 };

/** The word of the first scale: keys and values of `valuesAt` pairs each, two bytes a pair. */
const scalesAt = ({ valuesAt }: KvLayout): number => valuesAt;

export const kvType = (dtype: KvDtype): string => (dtype === 'f32' ? 'vec2<f32>' : 'u32');

/** `kv_pack` and `kv_unpack`, for kernels that write or read pairs without scales. */
export function kvFunctions(dtype: ElementDtype): string {
  return dtype === 'f32'
    ? `fn kv_pack(v: vec2<f32>) -> vec2<f32> { return v; }
fn kv_unpack(v: vec2<f32>) -> vec2<f32> { return v; }`
    : `fn kv_pack(v: vec2<f32>) -> u32 { return pack2x16float(v); }
fn kv_unpack(v: u32) -> vec2<f32> { return unpack2x16float(v); }`;
}

/** `kv_pair(i)`: pair i, without its scale; `kv_scale(v)`: the scale of vector v. */
export function kvReadFunctions(layout: KvLayout): string {
  if (layout.kv !== 'i8') {
    const pair = layout.kv === 'f32' ? 'kv[i]' : 'unpack2x16float(kv[i])';
    return `fn kv_pair(i: u32) -> vec2<f32> { return ${pair}; }
${UNSCALED}`;
  }
  return `fn kv_pair(i: u32) -> vec2<f32> {
  let four = unpack4x8snorm(kv[i >> 1u]);
  return select(four.xy, four.zw, (i & 1u) == 1u);
}
fn kv_scale(v: u32) -> f32 { return bitcast<f32>(kv[${scalesAt(layout)}u + v]); }`;
}

const UNSCALED = 'fn kv_scale(v: u32) -> f32 { return 1.0; }';

/** The same elements eight at a time, for kernels that read many side by side. */
export const kvEightsType = (dtype: KvDtype): string =>
  ({ f32: 'vec4<f32>', f16: 'vec4<u32>', i8: 'vec2<u32>' })[dtype];

/** `fn eight(i) -> Eight`: elements 8i..8i+7, without their scale; `kv_scale(v)`. */
export function eightFunctions(layout: KvLayout): string {
  const halves = (a: string, b: string) => `vec4<f32>(unpack2x16float(${a}), unpack2x16float(${b}))`;
  switch (layout.kv) {
    case 'f32':
      return `fn eight(i: u32) -> Eight { return Eight(kv[2u * i], kv[2u * i + 1u]); }
${UNSCALED}`;
    case 'f16':
      return `fn eight(i: u32) -> Eight {
  let w = kv[i];
  return Eight(${halves('w.x', 'w.y')}, ${halves('w.z', 'w.w')});
}
${UNSCALED}`;
    case 'i8':
      return `fn eight(i: u32) -> Eight {
  let w = kv[i];
  return Eight(unpack4x8snorm(w.x), unpack4x8snorm(w.y));
}
fn kv_scale(v: u32) -> f32 {
  let at = ${scalesAt(layout)}u + v;
  return bitcast<f32>(kv[at >> 1u][at & 1u]);
}`;
  }
}

export function writeKv(dtype: ElementDtype, kv: Memory, pair: number, a: number, b: number): void {
  if (dtype === 'f32') {
    kv.f32[2 * pair] = a;
    kv.f32[2 * pair + 1] = b;
  } else {
    kv.u32[pair] = (toHalf(b) << 16) | toHalf(a);
  }
}

/** A whole key or value of a head, pair by pair from `pair` on. */
export function writeKvVector(layout: KvLayout, kv: Memory, pair: number, values: ArrayLike<number>): void {
  if (layout.kv !== 'i8') {
    for (let e = 0; e < values.length; e += 2) writeKv(layout.kv, kv, pair + e / 2, values[e]!, values[e + 1]!);
    return;
  }
  const scale = Array.from(values).reduce((most, value) => Math.max(most, Math.abs(Math.fround(value))), 0);
  kv.f32[scalesAt(layout) + pair / (layout.headDim / 2)] = scale;
  const bytes = new Int8Array(kv.u32.buffer, kv.u32.byteOffset);
  for (let e = 0; e < values.length; e++) {
    bytes[2 * pair + e] = scale < LEAST_SCALE ? 0 : Math.floor(0.5 + (127 * values[e]!) / scale);
  }
}

/** A vector below is stored as zeros. */
export const LEAST_SCALE = 1e-30;

/** An element of a pair without a scale. */
export const readPair = (dtype: ElementDtype, kv: Memory, pair: number, index: number): number =>
  dtype === 'f32' ? kv.f32[2 * pair + index]! : halfAt(kv.u32[pair]!, index);

export function readKv(layout: KvLayout, kv: Memory, pair: number, index: number): number {
  if (layout.kv !== 'i8') return readPair(layout.kv, kv, pair, index);
  const byte = (kv.u32[pair >> 1]! << (24 - 16 * (pair & 1) - 8 * index)) >> 24;
  return Math.max(-1, byte / 127) * kv.f32[scalesAt(layout) + Math.floor(pair / (layout.headDim / 2))]!;
}
