// The text of the base half of the linear kernel for software adapters, unrolled by weight format, tokens and rows per thread: loops over
// private arrays spill everywhere we measured. It knows arithmetic within a thread; `linear.wgsl.ts` has the rest.

import { TILE, VECTORS_PER_GROUP } from '../../matrix.ts';
import { isQuantised, SHIFTED, shiftedExpression, unshiftExpression } from '../shared/weights.ts';
import { QUAD } from './quad.ts';
import type { LinearText } from './linear.wgsl.ts';

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

export function baseRowsWgsl({ dtype, tokens, rows, threads, lanes }: LinearText): string {
  const quads = rows / 4;
  const scaled = isQuantised(dtype);
  // Many rows make a long text, which takes long to compile: then a turn of the loop takes half a group. A scale is of a whole one.
  const pieces = tokens > 8 && !scaled ? 2 : 1;
  const vectors = VECTORS_PER_GROUP[dtype] / pieces;
  const columns = 8 / pieces;
  const perWord = columns / vectors;
  const sum = scaled ? 'part' : 'acc';
  const eachSum = (line: (t: number, q: number) => string) => each(tokens, (t) => each(quads, (q) => line(t, q)));
  // Within four lanes it is one shuffle; the general form takes each lane apart.
  const broadcast = lanes === QUAD ? 'quadBroadcast' : 'subgroupBroadcast';
  const xVector = (t: number, k: number) =>
    lanes > 0 ? `${broadcast}(held${t}_${Math.floor(k / lanes)}, ${k % lanes}u)` : `x[at${t} + ${k}u]`;

  /** Four columns: weights 4j..4j+3 of word v of every row, times vector k of every token. */
  const dots = (v: number, j: number) => `    {
${each(rows, (b) => `      let w${b} = ${shiftedExpression(dtype, `r${v}_${b}`, j)};`)}
${each(
  tokens,
  (t) => `      let x${t} = ${unshiftExpression(dtype, xVector(t, v * perWord + j))};
${each(quads, (q) => {
  const all = [0, 1, 2, 3].map((i) => `dot(w${4 * q + i}, x${t})`).join(', ');
  return `      ${sum}${t}_${q} += vec4<f32>(${all});`;
})}`,
)}
    }`;

  const applyScale = `    let s = ((tile + g) * ${TILE}u + lane) >> 1u;
${each(quads, (q) => `    let scale${q} = vec4<f32>(unpack2x16float(scales[s + ${2 * q}u]), unpack2x16float(scales[s + ${2 * q + 1}u]));`)}
${eachSum((t, q) => `    acc${t}_${q} += part${t}_${q} * scale${q};`)}`;

  return `${SHIFTED[dtype]}
fn base_rows(block: u32, thread: u32, first: u32, count: u32${lanes > 0 ? ', subgroup_lane: u32' : ''}) {
  let n = (block * ${threads}u + thread) * ${rows}u;
  ${lanes > 0 ? '' : 'if (n >= call.rows) {\n    return;\n  }'}
  let stride = call.groups * 8u;
  let turns = call.groups * ${pieces}u;
  let tile = n / ${TILE}u * turns;
  let lane = n % ${TILE}u;
${each(tokens, (t) => `  let t${t} = min(first + ${t}u, count - 1u) * stride;`)}
${eachSum((t, q) => `  var acc${t}_${q} = vec4<f32>();`)}
  // Left at its end: a loop left at its beginning runs once more on software adapters, all lanes off.
  var g = 0u;
  loop {
    let base = (tile + g) * ${vectors * TILE}u + lane;
${each(tokens, (t) => `    let at${t} = t${t} + g * ${columns}u;`)}
${lanes > 0 ? each(tokens, (t) => each(columns / lanes, (i) => `    let held${t}_${i} = x[at${t} + ${i * lanes}u + subgroup_lane];`)) : ''}
${scaled ? eachSum((t, q) => `    var part${t}_${q} = vec4<f32>();`) : ''}
${each(
  vectors,
  (v) => `${each(rows, (b) => `    let r${v}_${b} = weights[base + ${v * TILE + b}u];`)}
${each(perWord, (j) => dots(v, j))}`,
)}
${scaled ? applyScale : ''}
    continuing {
      g++;
      break if g >= turns;
    }
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
