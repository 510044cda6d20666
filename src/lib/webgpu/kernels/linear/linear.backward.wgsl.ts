// The text of the backward kernel of a linear layer for software adapters, unrolled by rows of the step: a thread takes eight columns,
// goes through the tiles of weight rows and waits for no other thread.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { TILE } from '../../matrix.ts';
import { eightBindings, eightIndex, readEight, scaleOf, unshifted } from './eight-columns.wgsl.ts';

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** What both forms declare. */
export const backwardHead = (dtype: WeightDtype): string => `// dX[t, k] = (dX[t, k] +) sum_n dY[t, n] * w[n, k]
struct Call {
  rows: u32, first_row: u32, groups: u32, y_stride: u32,
  count_word: u32, adds: u32, first_token: u32, token_limit: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
${eightBindings(dtype)}
@group(0) @binding(4) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> state: array<u32>;

fn put(at: u32, sum: vec4<f32>) {
  if (call.adds == 1u) {
    dx[at] += sum;
  } else {
    dx[at] = sum;
  }
}`;

export function linearBackwardWgsl(dtype: WeightDtype, { tokens }: { tokens: number }): string {
  /** What one weight row adds; `n` is its number and `lane` its place in its tile. */
  const row = (n: string, lane: string) => {
    const scale = scaleOf(dtype, 'group', lane);
    return `    {
      ${readEight(dtype, 'w', eightIndex(dtype, 'group', lane, 'q'))}
${scale ? `      let scale = ${scale};` : ''}
${each(
  tokens,
  (t) => `      let d${t} = dy[t${t} + ${n}]${scale ? ' * scale' : ''};
      a${t} += d${t} * wa;
      b${t} += d${t} * wb;`,
)}
    }`;
  };
  return `${backwardHead(dtype)}
@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let count = select(state[call.count_word], call.token_limit, call.token_limit > 0u);
  let first = call.first_token + id.y * ${tokens}u;
  let g = id.x / 4u;
  let q = id.x % 4u;
  if (first >= count || g >= call.groups) {
    return;
  }
${each(tokens, (t) => `  let t${t} = min(first + ${t}u, count - 1u) * call.y_stride + call.first_row;`)}
${each(tokens, (t) => `  var a${t} = vec4<f32>();\n  var b${t} = vec4<f32>();`)}
  var group = g;
  var n = 0u;
  // Whole tiles, then the rows of the last one.
  while (n + ${TILE}u <= call.rows) {
${each(TILE, (i) => row(`n + ${i}u`, `${i}u`))}
    n += ${TILE}u;
    group += call.groups;
  }
  while (n < call.rows) {
    let lane = n % ${TILE}u;
${row('n', 'lane')}
    n++;
  }
${each(
  tokens,
  (t) => `  if (first + ${t}u < count) {
    let out = (first + ${t}u) * call.groups * 8u + 2u * id.x;
    put(out, ${unshifted(dtype, `a${t}`)});
    put(out + 1u, ${unshifted(dtype, `b${t}`)});
  }`,
)}
}`;
}
