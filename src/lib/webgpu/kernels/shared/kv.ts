// How keys and values are stored: pairs of elements, as two f32 or one f16x2 word. WGSL and its plain twin.

import { halfAt, toHalf } from '#lib/core/half.ts';
import type { ElementDtype } from '../../element.ts';
import type { Memory } from '../../kernel.ts';

export type KvDtype = ElementDtype;

export const kvType = (dtype: KvDtype): string => (dtype === 'f32' ? 'vec2<f32>' : 'u32');

export function kvFunctions(dtype: KvDtype): string {
  return dtype === 'f32'
    ? `fn kv_pack(v: vec2<f32>) -> vec2<f32> { return v; }
fn kv_unpack(v: vec2<f32>) -> vec2<f32> { return v; }`
    : `fn kv_pack(v: vec2<f32>) -> u32 { return pack2x16float(v); }
fn kv_unpack(v: u32) -> vec2<f32> { return unpack2x16float(v); }`;
}

/** The same elements eight at a time, for kernels that read many side by side. */
export const kvEightsType = (dtype: KvDtype): string => (dtype === 'f32' ? 'vec4<f32>' : 'vec4<u32>');

/** `fn eight(i) -> Eight`: elements 8i..8i+7. */
export function eightFunction(dtype: KvDtype): string {
  const halves = (a: string, b: string) => `vec4<f32>(unpack2x16float(${a}), unpack2x16float(${b}))`;
  return dtype === 'f32'
    ? 'fn eight(i: u32) -> Eight { return Eight(kv[2u * i], kv[2u * i + 1u]); }'
    : `fn eight(i: u32) -> Eight {
  let w = kv[i];
  return Eight(${halves('w.x', 'w.y')}, ${halves('w.z', 'w.w')});
}`;
}

export function writeKv(dtype: KvDtype, kv: Memory, pair: number, a: number, b: number): void {
  if (dtype === 'f32') {
    kv.f32[2 * pair] = a;
    kv.f32[2 * pair + 1] = b;
  } else {
    kv.u32[pair] = (toHalf(b) << 16) | toHalf(a);
  }
}

export const readKv = (dtype: KvDtype, kv: Memory, pair: number, index: number): number =>
  dtype === 'f32' ? kv.f32[2 * pair + index]! : halfAt(kv.u32[pair]!, index);
