// The text of the backward kernel of a linear layer for real GPUs: a workgroup computes 64 rows of the step by 64 columns. It goes through
// the weight rows sixteen at a time; its threads unpack those and bring the same part of dY, then each adds up eight rows by four columns.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { TILE } from '../../matrix.ts';
import { eightIndex, readEight, scaleOf, unshifted } from './eight-columns.wgsl.ts';
import { backwardHead } from './linear.backward.wgsl.ts';

export const TILE_TOKENS = 64;
export const TILE_COLUMNS = 64;
export const TILED_THREADS = 128;

/** Weight rows in workgroup memory: two tiles of the matrix, so that each thread unpacks one eight. */
const DEPTH = 16;
/** Vectors that hold 64 numbers; of dY one more, so that neighbouring threads write to different banks. */
const QUADS = 16;
const TOKEN_QUADS = QUADS + 1;

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

export function tiledBackwardWgsl(dtype: WeightDtype): string {
  const scale = scaleOf(dtype, 'group', 'lane');
  const xyzw = 'xyzw';
  return `${backwardHead(dtype)}
var<workgroup> unpacked: array<vec4<f32>, ${DEPTH * QUADS}>;
var<workgroup> arrived: array<vec4<f32>, ${DEPTH * TOKEN_QUADS}>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) block: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let count = select(state[call.count_word], call.token_limit, call.token_limit > 0u);
  let first = call.first_token + block.y * ${TILE_TOKENS}u;
  if (first >= count) {
    return;
  }
  // This thread unpacks eight q of group g in row lane of a tile: neighbours read one piece of memory.
  let q = thread % 4u;
  let lane = thread / 4u % ${TILE}u;
  let own_group = thread / 32u % 2u;
  let own_tile = thread / 64u;
  let g = min(block.x * 2u + own_group, call.groups - 1u);
  let tiles = (call.rows + ${TILE - 1}u) / ${TILE}u;
  let to_unpacked = (own_tile * ${TILE}u + lane) * ${QUADS}u + own_group * 8u + 2u * q;
  // It sums four columns for eight rows of the step.
  let column = thread % ${QUADS}u;
  let tokens = thread / ${QUADS}u;
${each(8, (t) => `  var acc${t} = vec4<f32>();`)}
  for (var from_row = 0u; from_row < call.rows; from_row += ${DEPTH}u) {
    let group = min(from_row / ${TILE}u + own_tile, tiles - 1u) * call.groups + g;
    let at = ${eightIndex(dtype, 'group', 'lane', 'q')};
    ${readEight(dtype, 'w', 'at')}
${scale ? `    let scale = ${scale};` : ''}
    unpacked[to_unpacked] = wa${scale ? ' * scale' : ''};
    unpacked[to_unpacked + 1u] = wb${scale ? ' * scale' : ''};
    for (var i = thread; i < ${DEPTH * QUADS}u; i += THREADS) {
      let n = from_row + i % ${DEPTH}u;
      let token = first + i / ${DEPTH}u * 4u;
      let column_at = call.first_row + min(n, call.rows - 1u);
      let four = vec4<f32>(
${each(4, (t) => `        dy[min(token + ${t}u, count - 1u) * call.y_stride + column_at],`)}
      );
      // Rows behind the matrix count nothing.
      arrived[i % ${DEPTH}u * ${TOKEN_QUADS}u + i / ${DEPTH}u] = select(vec4<f32>(), four, n < call.rows);
    }
    workgroupBarrier();
    for (var n = 0u; n < ${DEPTH}u; n++) {
      let w = unpacked[n * ${QUADS}u + column];
      let d0 = arrived[n * ${TOKEN_QUADS}u + 2u * tokens];
      let d1 = arrived[n * ${TOKEN_QUADS}u + 2u * tokens + 1u];
${each(8, (t) => `      acc${t} = fma(vec4<f32>(d${t >> 2}.${xyzw[t & 3]}), w, acc${t});`)}
    }
    workgroupBarrier();
  }
  let quads = call.groups * 8u;
  let out = block.x * ${QUADS}u + column;
  if (out >= quads) {
    return;
  }
${each(
  8,
  (t) => `  if (first + 8u * tokens + ${t}u < count) {
    put((first + 8u * tokens + ${t}u) * quads + out, ${unshifted(dtype, `acc${t}`)});
  }`,
)}
}`;
}
