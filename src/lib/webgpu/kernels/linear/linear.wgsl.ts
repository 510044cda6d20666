// The text of the linear kernel: bindings, the call, and which workgroup does what. Its two halves, each in a form for
// software adapters and one for real GPUs, have files of their own.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { TILE } from '../../matrix.ts';
import { poolFunctions, poolType, stateFunctions, type PoolDtype } from '../shared/adapter.ts';
import { planeType } from '../shared/weights.ts';
import { ADAPTER_TOKENS, adapterRowsWgsl } from './adapter-rows.wgsl.ts';
import { baseRowsWgsl } from './base-rows.wgsl.ts';
import type { LinearShape } from './linear.ts';
import { splitAdapterRowsWgsl } from './split-adapter-rows.wgsl.ts';
import { SHARES, splitBaseRowsWgsl } from './split-base-rows.wgsl.ts';

export type LinearText = LinearShape & { dtype: WeightDtype };

export function linearWgsl(constants: string, pool: PoolDtype, text: LinearText): string {
  const { rows, tokens, threads, lanes, splits } = text;
  if (TILE % rows !== 0) throw new RangeError(`a thread's ${rows} rows must lie in one tile of ${TILE}`);
  const split = splits > 1;
  const fits = (TILE * splits) % threads === 0 && rows <= 4 && tokens * TILE <= threads && tokens * threads <= SHARES;
  if (split && !fits) throw new RangeError(`${threads} threads cannot share so`);
  const halves = split
    ? `var<workgroup> shares: array<vec4<f32>, ${tokens * threads}>;
${splitBaseRowsWgsl(text)}
${splitAdapterRowsWgsl(tokens, threads)}`
    : `${baseRowsWgsl(text)}
${adapterRowsWgsl(tokens, threads)}`;
  const blockRows = split ? rows * TILE : rows * threads;
  return `${lanes > 0 ? 'enable subgroups;\n' : ''}// y[t, n] = sum_k x[t, k] * w[n, k];   z[t, r] = blend weight * sum_k x[t, k] * A[r, k]
${constants}
struct Call {
  rows: u32, groups: u32, first_row: u32, y_stride: u32,
  layer: u32, first_target: u32, targets: u32, count_word: u32,
  first_token: u32, token_limit: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> weights: array<${planeType(text.dtype)}>;
@group(0) @binding(3) var<storage, read> scales: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> z: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> pool: array<${poolType(pool)}>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

${stateFunctions}
${poolFunctions(pool)}
${halves}

@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32${
    lanes > 0 ? ', @builtin(subgroup_invocation_id) subgroup_lane: u32' : ''
  }) {
  let count = select(state[call.count_word], call.token_limit, call.token_limit > 0u);
  let first = call.first_token + group.y * ${tokens}u;
  if (first >= count) {
    return;
  }
  let base_groups = (call.rows + ${blockRows - 1}u) / ${blockRows}u;
  if (group.x < base_groups) {
    base_rows(group.x, thread, first, count${lanes > 0 ? ', subgroup_lane' : ''});
  } else {
    ${
      split || tokens <= ADAPTER_TOKENS
        ? 'adapter_rows(group.x - base_groups, thread, first, count);'
        : `for (var at = first; at < min(first + ${tokens}u, count); at += ${ADAPTER_TOKENS}u) {
      adapter_rows(group.x - base_groups, thread, at, count);
    }`
    }
  }
}
`;
}
