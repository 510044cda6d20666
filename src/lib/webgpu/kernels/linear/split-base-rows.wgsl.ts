// The text of the base half of the linear kernel for real GPUs: a workgroup takes tiles of eight weight rows, its threads
// share the columns between them, and one barrier later the shares are added up, always in the same order.

import { TILE, VECTORS_PER_GROUP } from '../../matrix.ts';
import { isQuantised, SHIFTED, shiftedExpression, unshiftExpression } from '../shared/weights.ts';
import type { LinearText } from './linear.wgsl.ts';

/** Shares, each of four sums, that workgroup memory holds: 16 KiB, as much as every device has. */
export const SHARES = 1024;

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/**
 * A thread takes one row of `rows` (at most four) tiles, and one of `splits` equal shares of the columns in each pass; where
 * there are fewer threads than shares, the first pass takes the first shares of all, so that they add up in the same order.
 */
export function splitBaseRowsWgsl({ dtype, tokens, rows, splits, threads }: LinearText): string {
  const vectors = VECTORS_PER_GROUP[dtype];
  const perWord = 8 / vectors;
  const scaled = isQuantised(dtype);
  const sum = scaled ? 'part' : 'acc';
  const shares = threads / TILE;
  const passes = splits / shares;
  const eachSum = (line: (t: number, b: number) => string) => each(tokens, (t) => each(rows, (b) => line(t, b)));
  const four = (t: number) => [0, 1, 2, 3].map((b) => (b < rows ? `acc${t}_${b}` : '0.0')).join(', ');

  /** Four columns: weights 4j..4j+3 of word v of every row, times vector k of every token. */
  const dots = (v: number, j: number) => `    {
${each(rows, (b) => `      let w${b} = ${shiftedExpression(dtype, `r${v}_${b}`, j)};`)}
${each(
  tokens,
  (t) => `      let x${t} = ${unshiftExpression(dtype, `x[t${t} + g * 8u + ${v * perWord + j}u]`)};
${each(rows, (b) => `      ${sum}${t}_${b} = four_more(w${b}, x${t}, ${sum}${t}_${b});`)}`,
)}
    }`;

  return `${SHIFTED[dtype]}
// One instruction less than a dot product and a sum.
fn four_more(w: vec4<f32>, x: vec4<f32>, sum: f32) -> f32 {
  return fma(w.x, x.x, fma(w.y, x.y, fma(w.z, x.z, fma(w.w, x.w, sum))));
}

fn base_rows(block: u32, thread: u32, first: u32, count: u32) {
  let lane = thread % ${TILE}u;
  let share = (call.groups + ${splits - 1}u) / ${splits}u;
  let stride = call.groups * 8u;
  let tiles = (call.rows + ${TILE - 1}u) / ${TILE}u;
${each(rows, (b) => `  let tile${b} = min(block * ${rows}u + ${b}u, tiles - 1u) * call.groups;`)}
${each(tokens, (t) => `  let t${t} = min(first + ${t}u, count - 1u) * stride;`)}
  var total = vec4<f32>();
  for (var pass_share = 0u; pass_share < ${splits}u; pass_share += ${shares}u) {
    let from_group = min((pass_share + thread / ${TILE}u) * share, call.groups);
    let to_group = min(from_group + share, call.groups);
${eachSum((t, b) => `    var acc${t}_${b} = 0.0;`)}
    for (var g = from_group; g < to_group; g++) {
${each(vectors, (v) =>
  each(rows, (b) => `      let r${v}_${b} = weights[((tile${b} + g) * ${vectors}u + ${v}u) * ${TILE}u + lane];`),
)}
${scaled ? each(rows, (b) => `      let pair${b} = unpack2x16float(scales[((tile${b} + g) * ${TILE}u + lane) >> 1u]);`) : ''}
${scaled ? eachSum((t, b) => `      var part${t}_${b} = 0.0;`) : ''}
${each(vectors, (v) => each(perWord, (j) => dots(v, j)))}
${
  scaled
    ? `${each(rows, (b) => `      let scale${b} = select(pair${b}.x, pair${b}.y, (lane & 1u) == 1u);`)}
${eachSum((t, b) => `      acc${t}_${b} += part${t}_${b} * scale${b};`)}`
    : ''
}
    }
${passes > 1 ? '    workgroupBarrier();' : ''}
${each(tokens, (t) => `    shares[${t * threads}u + thread] = vec4<f32>(${four(t)});`)}
    workgroupBarrier();
    if (thread < ${tokens * TILE}u) {
      for (var s = 0u; s < ${shares}u; s++) {
        total += shares[thread / ${TILE}u * ${threads}u + s * ${TILE}u + lane];
      }
    }
  }
  let token = first + thread / ${TILE}u;
  if (thread < ${tokens * TILE}u && token < count) {
    let n = block * ${rows * TILE}u + lane;
    let out = token * call.y_stride + call.first_row + n;
${each(rows, (b) => `    if (n + ${b * TILE}u < call.rows) { y[out + ${b * TILE}u] = total.${'xyzw'[b]}; }`)}
  }
}`;
}
