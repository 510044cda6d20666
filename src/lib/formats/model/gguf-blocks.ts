// How GGUF stores the numbers of a tensor: plain floats, or blocks of 32 or 256 numbers with scales. Every layout here is that of
// ggml's reference code; a block becomes floats one number at a time, as (scale x whole number) or (scale x whole number - offset).

import { halfAt } from '#lib/core/half.ts';

export interface GgufBlock {
  name: string;
  /** Bytes of a block, and how many numbers it holds. */
  bytes: number;
  values: number;
  /** Writes the numbers of the block at `at` to `out` from `to`. Null: the numbers are stored as safetensors stores them. */
  decode: ((view: DataView, at: number, out: Float32Array, to: number) => void) | null;
}

const half = (view: DataView, at: number): number => halfAt(view.getUint16(at, true), 0);

/** 4 bits a number: the low halves of 16 bytes, then the high ones. */
const nibble = (view: DataView, at: number, i: number): number =>
  i < 16 ? view.getUint8(at + i) & 15 : view.getUint8(at + i - 16) >> 4;

/** A fifth bit for each of 32 numbers. */
const fifth = (view: DataView, at: number, i: number): number => ((view.getUint32(at, true) >>> i) & 1) << 4;

/** The 6-bit scale and offset of group `j` of eight, which share 12 bytes. */
function scaleAndOffset(view: DataView, at: number, j: number): [number, number] {
  const byte = (i: number) => view.getUint8(at + i);
  if (j < 4) return [byte(j) & 63, byte(j + 4) & 63];
  return [(byte(j + 4) & 15) | ((byte(j - 4) >> 6) << 4), (byte(j + 4) >> 4) | ((byte(j) >> 6) << 4)];
}

/** Q4_K and Q5_K: eight groups of 32; two groups share 32 bytes of nibbles. `highAt` is where fifth bits are, a bit for each group. */
function decodeK(
  view: DataView,
  at: number,
  out: Float32Array,
  to: number,
  quantsAt: number,
  highAt: number | null,
): void {
  const [scale, offset] = [half(view, at), half(view, at + 2)];
  for (let group = 0; group < 8; group++) {
    const [ofScale, ofOffset] = scaleAndOffset(view, at + 4, group);
    const [step, low] = [Math.fround(scale * ofScale), Math.fround(offset * ofOffset)];
    const from = quantsAt + 32 * (group >> 1);
    for (let i = 0; i < 32; i++) {
      const byte = view.getUint8(from + i);
      const high = highAt === null ? 0 : ((view.getUint8(highAt + i) >> group) & 1) << 4;
      const quant = (group & 1 ? byte >> 4 : byte & 15) | high;
      out[to + 32 * group + i] = Math.fround(step * quant) - low;
    }
  }
}

/** Q6_K: 16 groups of 16 with 8-bit scales; low 4 bits and high 2 bits in planes, each for two halves of 128 numbers. */
function decodeQ6K(view: DataView, at: number, out: Float32Array, to: number): void {
  const scale = half(view, at + 208);
  for (let row = 0; row < 8; row++) {
    const [part, quarter] = [row >> 2, row & 3];
    const lowAt = at + 64 * part + 32 * (quarter & 1);
    const highAt = at + 128 + 32 * part;
    const [lowShift, highShift] = [quarter >> 1 ? 4 : 0, 2 * quarter];
    for (let column = 0; column < 32; column++) {
      const low = (view.getUint8(lowAt + column) >> lowShift) & 15;
      const high = (view.getUint8(highAt + column) >> highShift) & 3;
      const step = Math.fround(scale * view.getInt8(at + 192 + 2 * row + (column >> 4)));
      out[to + 32 * row + column] = step * ((low | (high << 4)) - 32);
    }
  }
}

/** By ggml's number of the type. */
export const GGUF_BLOCKS: ReadonlyMap<number, GgufBlock> = new Map<number, GgufBlock>([
  [0, { name: 'F32', bytes: 4, values: 1, decode: null }],
  [1, { name: 'F16', bytes: 2, values: 1, decode: null }],
  [30, { name: 'BF16', bytes: 2, values: 1, decode: null }],
  [
    2,
    {
      name: 'Q4_0',
      bytes: 18,
      values: 32,
      decode: (view, at, out, to) => {
        const scale = half(view, at);
        for (let i = 0; i < 32; i++) out[to + i] = scale * (nibble(view, at + 2, i) - 8);
      },
    },
  ],
  [
    3,
    {
      name: 'Q4_1',
      bytes: 20,
      values: 32,
      decode: (view, at, out, to) => {
        const [scale, offset] = [half(view, at), half(view, at + 2)];
        for (let i = 0; i < 32; i++) out[to + i] = Math.fround(scale * nibble(view, at + 4, i)) + offset;
      },
    },
  ],
  [
    6,
    {
      name: 'Q5_0',
      bytes: 22,
      values: 32,
      decode: (view, at, out, to) => {
        const scale = half(view, at);
        for (let i = 0; i < 32; i++) out[to + i] = scale * ((nibble(view, at + 6, i) | fifth(view, at + 2, i)) - 16);
      },
    },
  ],
  [
    7,
    {
      name: 'Q5_1',
      bytes: 24,
      values: 32,
      decode: (view, at, out, to) => {
        const [scale, offset] = [half(view, at), half(view, at + 2)];
        for (let i = 0; i < 32; i++)
          out[to + i] = Math.fround(scale * (nibble(view, at + 8, i) | fifth(view, at + 4, i))) + offset;
      },
    },
  ],
  [
    8,
    {
      name: 'Q8_0',
      bytes: 34,
      values: 32,
      decode: (view, at, out, to) => {
        const scale = half(view, at);
        for (let i = 0; i < 32; i++) out[to + i] = scale * view.getInt8(at + 2 + i);
      },
    },
  ],
  [
    12,
    {
      name: 'Q4_K',
      bytes: 144,
      values: 256,
      decode: (view, at, out, to) => decodeK(view, at, out, to, at + 16, null),
    },
  ],
  [
    13,
    {
      name: 'Q5_K',
      bytes: 176,
      values: 256,
      decode: (view, at, out, to) => decodeK(view, at, out, to, at + 48, at + 16),
    },
  ],
  [14, { name: 'Q6_K', bytes: 210, values: 256, decode: decodeQ6K }],
]);

/** Names of further types, for the error that refuses them. */
export const OTHER_TYPES: Readonly<Record<number, string>> = {
  9: 'Q8_1',
  10: 'Q2_K',
  11: 'Q3_K',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
};
