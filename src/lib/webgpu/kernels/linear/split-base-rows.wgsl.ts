// The text of the base half of the linear kernel for real GPUs: a workgroup takes tiles of eight weight rows, its threads
// share the columns between them, and one barrier later the shares are added up, always in the same order.

import { TILE, VECTORS_PER_GROUP } from '../../matrix.ts';
import { isQuantised, SHIFTED, shiftedExpression, unshiftExpression } from '../shared/weights.ts';
import type { LinearText } from './linear.wgsl.ts';

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** A thread takes one row of `rows` (at most four) tiles, and one of `splits` equal shares of the columns. */
export function splitBaseRowsWgsl({ dtype, tokens, rows, splits }: LinearText): string {
  const vectors = VECTORS_PER_GROUP[dtype];
  const perWord = 8 / vectors;
  const scaled = isQuantised(dtype);
  const sum = scaled ? 'part' : 'acc';
  const threads = TILE * splits;
  const eachSum = (line: (t: number, b: number) => string) => each(tokens, (t) => each(rows, (b) => line(t, b)));
  const four = (t: number) => [0, 1, 2, 3].map((b) => (b < rows ? `acc${t}_${b}` : '0.0')).join(', ');

  return `${SHIFTED[dtype]}
fn base_rows(block: u32, thread: u32, first: u32, count: u32) {
  let lane = thread % ${TILE}u;
  let share = (call.groups + ${splits - 1}u) / ${splits}u;
  let from_group = min(thread / ${TILE}u * share, call.groups);
  let to_group = min(from_group + share, call.groups);
  let stride = call.groups * 8u;
  let tiles = (call.rows + ${TILE - 1}u) / ${TILE}u;
${each(rows, (b) => `  let tile${b} = min(block * ${rows}u + ${b}u, tiles - 1u) * call.groups;`)}
${each(tokens, (t) => `  let t${t} = min(first + ${t}u, count - 1u) * stride;`)}
${eachSum((t, b) => `  var acc${t}_${b} = 0.0;`)}
  for (var g = from_group; g < to_group; g++) {
${scaled ? eachSum((t, b) => `    var part${t}_${b} = 0.0;`) : ''}
${each(
  vectors,
  (
    v,
  ) => `${each(rows, (b) => `    let r${v}_${b} = weights[((tile${b} + g) * ${vectors}u + ${v}u) * ${TILE}u + lane];`)}
${each(
  perWord,
  (j) => `    {
${each(rows, (b) => `      let w${b} = ${shiftedExpression(dtype, `r${v}_${b}`, j)};`)}
${each(
  tokens,
  (t) => `      let x${t} = ${unshiftExpression(dtype, `x[t${t} + g * 8u + ${v * perWord + j}u]`)};
${each(rows, (b) => `      ${sum}${t}_${b} += dot(w${b}, x${t});`)}`,
)}
    }`,
)}`,
)}
${
  scaled
    ? `${each(
        rows,
        (b) => `    let pair${b} = unpack2x16float(scales[((tile${b} + g) * ${TILE}u + lane) >> 1u]);
    let scale${b} = select(pair${b}.x, pair${b}.y, (lane & 1u) == 1u);`,
      )}
${eachSum((t, b) => `    acc${t}_${b} += part${t}_${b} * scale${b};`)}`
    : ''
}
  }
${each(tokens, (t) => `  shares[${t * threads}u + thread] = vec4<f32>(${four(t)});`)}
  workgroupBarrier();
  let token = first + thread / ${TILE}u;
  if (thread < ${tokens * TILE}u && token < count) {
    var total = vec4<f32>();
    for (var s = 0u; s < ${splits}u; s++) {
      total += shares[thread / ${TILE}u * ${threads}u + s * ${TILE}u + lane];
    }
    let n = block * ${rows * TILE}u + lane;
    let out = token * call.y_stride + call.first_row + n;
${each(rows, (b) => `    if (n + ${b * TILE}u < call.rows) { y[out + ${b * TILE}u] = total.${'xyzw'[b]}; }`)}
  }
}`;
}
