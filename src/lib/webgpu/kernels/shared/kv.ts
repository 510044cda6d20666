// How keys and values are stored: pairs of elements, as two f32 or one f16x2 word. WGSL and its plain twin.

import type { Memory } from '../../kernel.ts';
import { halfAt } from './weights.ts';

export type KvDtype = 'f32' | 'f16';

export const kvType = (dtype: KvDtype): string => (dtype === 'f32' ? 'vec2<f32>' : 'u32');

export const kvBytesPerPair = (dtype: KvDtype): number => (dtype === 'f32' ? 8 : 4);

export function kvFunctions(dtype: KvDtype): string {
  return dtype === 'f32'
    ? `fn kv_pack(v: vec2<f32>) -> vec2<f32> { return v; }
fn kv_unpack(v: vec2<f32>) -> vec2<f32> { return v; }`
    : `fn kv_pack(v: vec2<f32>) -> u32 { return pack2x16float(v); }
fn kv_unpack(v: u32) -> vec2<f32> { return unpack2x16float(v); }`;
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

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** f32 to the bits of the nearest f16 (ties to even). */
export function toHalf(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  if (magnitude >= 0x4780_0000) return sign | 0x7c00;
  if (magnitude < 0x3880_0000) {
    const ulps = Math.abs(scratch[0]) * 2 ** 24;
    const down = Math.floor(ulps);
    const rest = ulps - down;
    return sign | (down + (rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? 1 : 0));
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x3800_0000) >>> 13);
}
