// The text of the backward kernel of a linear layer for software adapters, unrolled by rows of the step: a thread takes eight columns,
// goes through the tiles of weight rows and waits for no other thread.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { TILE } from '../../matrix.ts';
import { QUAD } from './quad.ts';
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

export interface AloneText {
  tokens: number;
  lanes: number;
}

export function linearBackwardWgsl(dtype: WeightDtype, { tokens, lanes }: AloneText): string {
  const shares = lanes > 0;
  /** Loads of dY: of a lane's own row for each quad of rows, or of all rows. */
  const loads = shares ? tokens / QUAD : tokens;
  const arrived = (t: number) => (shares ? `quadBroadcast(held${Math.floor(t / QUAD)}, ${t % QUAD}u)` : `held${t}`);
  /** What one weight row adds; `n` is its number and `lane` its place in its tile. */
  const row = (n: string, lane: string) => {
    const scale = scaleOf(dtype, 'group', lane);
    return `    {
      ${readEight(dtype, 'w', eightIndex(dtype, 'group', lane, 'q'))}
${scale ? `      let scale = ${scale};` : ''}
${each(loads, (i) => `      let held${i} = dy[t${i} + ${n}];`)}
${each(
  tokens,
  (t) => `      let d${t} = ${arrived(t)}${scale ? ' * scale' : ''};
      a${t} += d${t} * wa;
      b${t} += d${t} * wb;`,
)}
    }`;
  };
  return `${backwardHead(dtype)}
@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(workgroup_id) block: vec3<u32>${shares ? ', @builtin(subgroup_invocation_id) lane_of_subgroup: u32' : ''}) {
  let count = select(state[call.count_word], call.token_limit, call.token_limit > 0u);
  let first = call.first_token + block.y * ${tokens}u;
  let g = ${shares ? 'min(id.x / 4u, call.groups - 1u)' : 'id.x / 4u'};
  let q = id.x % 4u;
  if (first >= count${shares ? '' : ' || g >= call.groups'}) {
    return;
  }
${each(loads, (i) => {
  const token = shares ? `${QUAD * i}u + lane_of_subgroup % ${QUAD}u` : `${i}u`;
  return `  let t${i} = min(first + ${token}, count - 1u) * call.y_stride + call.first_row;`;
})}
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
  (t) => `  if (first + ${t}u < count${shares ? ' && id.x < call.groups * 4u' : ''}) {
    let out = (first + ${t}u) * call.groups * 8u + 2u * id.x;
    put(out, ${unshifted(dtype, `a${t}`)});
    put(out + 1u, ${unshifted(dtype, `b${t}`)});
  }`,
)}
}`;
}
