// The text of the base half of the linear kernel, unrolled by weight format, tokens and rows per thread: loops over
// private arrays spill everywhere we measured. It knows arithmetic within a thread; `linear.wgsl.ts` has the rest.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { TILE, VECTORS_PER_GROUP } from '../../matrix.ts';
import { isQuantised, unpackExpression } from '../shared/weights.ts';

export interface BaseRowsShape {
  dtype: WeightDtype;
  /** Rows of the step one thread works on. */
  tokens: number;
  /** Weight rows one thread works on: 4 or 8. */
  rows: number;
}

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

export function baseRowsWgsl({ dtype, tokens, rows }: BaseRowsShape): string {
  const quads = rows / 4;
  const vectors = VECTORS_PER_GROUP[dtype];
  const perWord = 8 / vectors;
  const scaled = isQuantised(dtype);
  const sum = scaled ? 'part' : 'acc';
  const eachSum = (line: (t: number, q: number) => string) => each(tokens, (t) => each(quads, (q) => line(t, q)));

  /** Four columns: `word` names the packed word of row b, `j` the place in it, `at` the place in x. */
  const dots = (word: (b: number) => string, j: number, at: string) => `{
${each(rows, (b) => `      let w${b} = ${unpackExpression(dtype, word(b), j)};`)}
${each(
  tokens,
  (t) => `      let x${t} = x[at${t} + ${at}];
${each(quads, (q) => {
  const all = [0, 1, 2, 3].map((i) => `dot(w${4 * q + i}, x${t})`).join(', ');
  return `      ${sum}${t}_${q} += vec4<f32>(${all});`;
})}`,
)}
    }`;

  const straight = () =>
    each(
      vectors,
      (v) => `${each(rows, (b) => `    let r${v}_${b} = weights[base + ${v * TILE + b}u];`)}
${each(perWord, (j) => dots((b) => `r${v}_${b}`, j, `${v * perWord + j}u`))}`,
    );
  const looped = () =>
    dtype === 'q4'
      ? `${each(rows, (b) => `    let r${b} = weights[base + ${b}u];`)}
    for (var c = 0u; c < 4u; c++) {
${each(rows, (b) => `      let c${b} = vec4<u32>(r${b}[c]);`)}
${each(2, (j) => dots((b) => `c${b}`, j, `c * 2u + ${j}u`))}
    }`
      : `    for (var v = 0u; v < ${vectors}u; v++) {
${each(rows, (b) => `      let r${b} = weights[base + v * ${TILE}u + ${b}u];`)}
${each(perWord, (j) => dots((b) => `r${b}`, j, `v * ${perWord}u + ${j}u`))}
    }`;

  const applyScale = `    let s = ((tile + g) * ${TILE}u + lane) >> 1u;
${each(quads, (q) => `    let scale${q} = vec4<f32>(unpack2x16float(scales[s + ${2 * q}u]), unpack2x16float(scales[s + ${2 * q + 1}u]));`)}
${eachSum((t, q) => `    acc${t}_${q} += part${t}_${q} * scale${q};`)}`;

  return `fn base_rows(thread: u32, first: u32, count: u32) {
  let n = thread * ${rows}u;
  if (n >= call.rows) {
    return;
  }
  let stride = call.groups * 8u;
  let tile = n / ${TILE}u * call.groups;
  let lane = n % ${TILE}u;
${each(tokens, (t) => `  let t${t} = min(first + ${t}u, count - 1u) * stride;`)}
${eachSum((t, q) => `  var acc${t}_${q} = vec4<f32>();`)}
  for (var g = 0u; g < call.groups; g++) {
    let base = (tile + g) * ${vectors * TILE}u + lane;
${each(tokens, (t) => `    let at${t} = t${t} + g * 8u;`)}
${scaled ? eachSum((t, q) => `    var part${t}_${q} = vec4<f32>();`) : ''}
${tokens === 1 ? straight() : looped()}
${scaled ? applyScale : ''}
  }
${each(
  tokens,
  (t) => `  if (first + ${t}u < count) {
    let out = (first + ${t}u) * call.y_stride + call.first_row + n;
${each(rows, (b) => `    if (n + ${b}u < call.rows) { y[out + ${b}u] = acc${t}_${b >> 2}.${'xyzw'[b & 3]}; }`)}
  }`,
)}
}`;
}
