// How kernels read packed weights: WGSL expressions and their plain TypeScript twins, one pair per weight format.
// It knows bits within a group of 32 weights; where a group lies is `matrix.ts`.

import { halfAt } from '#lib/core/half.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { TILE, VECTORS_PER_GROUP } from '../../matrix.ts';
import type { Memory } from '../../kernel.ts';

/** WGSL element type of the weight plane. */
export const planeType = (dtype: WeightDtype): string => (dtype === 'f32' ? 'vec4<f32>' : 'vec4<u32>');

export const isQuantised = (dtype: WeightDtype): boolean => dtype === 'q8' || dtype === 'q4';

/** Weights 4j..4j+3 of the 16-byte word named `word`, as a `vec4<f32>` expression, scale not applied. */
export function unpackExpression(dtype: WeightDtype, word: string, j: number): string {
  const component = (index: number) => `${word}.${'xyzw'[index]}`;
  switch (dtype) {
    case 'f32':
      return word;
    case 'f16':
      return `vec4<f32>(unpack2x16float(${component(2 * j)}), unpack2x16float(${component(2 * j + 1)}))`;
    case 'q8':
      return `vec4<f32>((bitcast<vec4<i32>>(vec4<u32>(${component(j)})) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u))`;
    case 'q4': {
      const shift = j % 2 === 0 ? '0u, 8u, 16u, 24u' : '4u, 12u, 20u, 28u';
      return `(vec4<f32>((vec4<u32>(${component(j >> 1)}) >> vec4<u32>(${shift})) & vec4<u32>(15u)) - 8.0)`;
    }
  }
}

/**
 * The same four weights left where they lie in the word: weight i times 2^(8 i) for the quantised formats. Masking and one
 * conversion give them exactly, without the four different shifts that software adapters take one by one.
 */
export function shiftedExpression(dtype: WeightDtype, word: string, j: number): string {
  const component = (index: number) => `${word}.${'xyzw'[index]}`;
  switch (dtype) {
    case 'f32':
    case 'f16':
      return unpackExpression(dtype, word, j);
    case 'q8':
      return `vec4<f32>(bitcast<vec4<i32>>(vec4<u32>(${component(j)} ^ 0x808080u) & MASK)) - OFFSET`;
    case 'q4':
      return `vec4<f32>(bitcast<vec4<i32>>(vec4<u32>(${component(j >> 1)}${j % 2 === 0 ? '' : ' >> 4u'}) & MASK)) - OFFSET`;
  }
}

/** What x is multiplied by to make up for it: powers of two, so that every product keeps its bits. */
export const unshiftExpression = (dtype: WeightDtype, x: string): string => (isQuantised(dtype) ? `${x} * UNSHIFT` : x);

const UNSHIFT = 'const UNSHIFT = vec4<f32>(1.0, 0x1p-8, 0x1p-16, 0x1p-24);';

/** The constants those expressions name. */
export const SHIFTED: Record<WeightDtype, string> = {
  f32: '',
  f16: '',
  q8: `const MASK = vec4<u32>(0xffu, 0xff00u, 0xff0000u, 0xff000000u);
const OFFSET = vec4<f32>(0x80p0, 0x80p8, 0x80p16, 0.0);
${UNSHIFT}`,
  q4: `const MASK = vec4<u32>(0xfu, 0xf00u, 0xf0000u, 0xf000000u);
const OFFSET = vec4<f32>(0x8p0, 0x8p8, 0x8p16, 0x8p24);
${UNSHIFT}`,
};

/** `fn weight4(row, groups, k4) -> vec4<f32>`: four dequantised weights, for kernels that read a few. */
export function weightFunction(dtype: WeightDtype): string {
  const vectors = VECTORS_PER_GROUP[dtype];
  const perWord = 8 / vectors;
  const cases = Array.from(
    { length: perWord },
    (_, j) => `${j === perWord - 1 ? 'default' : `case ${j}u`}: { value = ${unpackExpression(dtype, 'word', j)}; }`,
  ).join('\n    ');
  const scale = isQuantised(dtype)
    ? `let half = (row / ${TILE}u * groups + group) * ${TILE}u + row % ${TILE}u;
  value *= unpack2x16float(scales[half >> 1u])[half & 1u];`
    : '';
  return `fn weight4(row: u32, groups: u32, k4: u32) -> vec4<f32> {
  let group = k4 / 8u;
  let word = weights[((row / ${TILE}u * groups + group) * ${vectors}u + k4 % 8u / ${perWord}u) * ${TILE}u + row % ${TILE}u];
  var value: vec4<f32>;
  switch (k4 % ${perWord}u) {
    ${cases}
  }
  ${scale}
  return value;
}`;
}

/**
 * `fn NAME(row, at) -> f32`: a row of weights times the vector at `x[at]`, over `call.groups` groups of columns in their order. For kernels in
 * which neighbouring threads take neighbouring rows.
 */
export function rowDotFunction(dtype: WeightDtype, name: string, weights: string, scales: string): string {
  const vectors = VECTORS_PER_GROUP[dtype];
  const perWord = 8 / vectors;
  const lines = Array.from({ length: vectors }, (_, v) => {
    const dots = Array.from(
      { length: perWord },
      (_, j) => `    part += dot(${unpackExpression(dtype, `word${v}`, j)}, x[at + g * 8u + ${v * perWord + j}u]);`,
    );
    return [`    let word${v} = ${weights}[base + ${v * TILE}u];`, ...dots].join('\n');
  }).join('\n');
  const scale = isQuantised(dtype)
    ? `let half = (tile + g) * ${TILE}u + lane;
    part *= unpack2x16float(${scales}[half >> 1u])[half & 1u];`
    : '';
  return `fn ${name}(row: u32, at: u32) -> f32 {
  let tile = row / ${TILE}u * call.groups;
  let lane = row % ${TILE}u;
  var sum = 0.0;
  for (var g = 0u; g < call.groups; g++) {
    let base = (tile + g) * ${vectors * TILE}u + lane;
    var part = 0.0;
${lines}
    ${scale}
    sum += part;
  }
  return sum;
}`;
}

/** One dequantised weight, the plain way. */
export function readWeight(
  dtype: WeightDtype,
  weights: Memory,
  scales: Memory,
  groups: number,
  row: number,
  column: number,
): number {
  const vectors = VECTORS_PER_GROUP[dtype];
  const group = Math.floor(column / 32);
  const within = column % 32;
  const tile = Math.floor(row / TILE) * groups + group;
  const wordAt = (v: number, component: number) => ((tile * vectors + v) * TILE + (row % TILE)) * 4 + component;
  if (dtype === 'f32') return weights.f32[wordAt(within >> 2, within & 3)]!;
  if (dtype === 'f16') return halfAt(weights.u32[wordAt(within >> 3, (within & 7) >> 1)]!, within & 1);
  const half = tile * TILE + (row % TILE);
  const scale = halfAt(scales.u32[half >> 1]!, half & 1);
  if (dtype === 'q8') {
    const word = weights.u32[wordAt(within >> 4, (within & 15) >> 2)]!;
    return scale * ((word << (24 - 8 * (within & 3))) >> 24);
  }
  const word = weights.u32[wordAt(0, within >> 3)]!;
  const j = within & 7;
  return scale * (((word >>> (8 * (j & 3) + (j >= 4 ? 4 : 0))) & 15) - 8);
}
