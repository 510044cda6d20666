// The text of the linear kernel, unrolled by weight format and by tokens per thread: loops over private arrays
// would spill on every GPU we measured. It knows arithmetic; bindings and grids are in `linear.ts`.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { TILE, VECTORS_PER_GROUP } from '../../matrix.ts';
import { planeType, isQuantised, unpackExpression } from '../shared/weights.ts';
import { poolFunctions, poolType, stateFunctions, type PoolDtype } from '../shared/adapter.ts';

/** Weight rows one thread works on. */
export const ROWS_PER_THREAD = 4;
/** Threads of a workgroup. */
export const LINEAR_THREADS = 32;

export function linearWgsl(constants: string, dtype: WeightDtype, pool: PoolDtype, tokens: number): string {
  const each = <T>(count: number, line: (i: number) => T) => Array.from({ length: count }, (_, i) => line(i));
  const lines = (items: string[]) => items.join('\n');
  const vectors = VECTORS_PER_GROUP[dtype];
  const perWord = 8 / vectors;
  const target = isQuantised(dtype) ? 'part' : 'acc';

  const dots = (rows: string[], suffix: string, at: string) =>
    lines([
      ...rows.map((row, b) => `      let w${suffix}_${b} = ${row};`),
      ...each(tokens, (t) => {
        const x = `x${suffix}_${t}`;
        const all = each(ROWS_PER_THREAD, (b) => `dot(w${suffix}_${b}, ${x})`).join(', ');
        return `      let ${x} = x[at${t} + ${at}];\n      ${target}${t} += vec4<f32>(${all});`;
      }),
    ]);
  const unpacked = (word: (b: number) => string, j: number) =>
    each(ROWS_PER_THREAD, (b) => unpackExpression(dtype, word(b), j));

  /** Straight-line code for one token a thread; for more, a loop, or registers spill. */
  const groupBody =
    tokens === 1
      ? lines(
          each(vectors, (v) =>
            lines([
              ...each(ROWS_PER_THREAD, (b) => `    let r${v}${b} = weights[base + ${v * TILE + b}u];`),
              ...each(perWord, (j) =>
                dots(
                  unpacked((b) => `r${v}${b}`, j),
                  `${v}${j}`,
                  `${v * perWord + j}u`,
                ),
              ),
            ]),
          ),
        )
      : lines([
          `    for (var v = 0u; v < ${vectors}u; v++) {`,
          ...each(ROWS_PER_THREAD, (b) => `      let r${b} = weights[base + v * ${TILE}u + ${b}u];`),
          dtype === 'q4'
            ? lines([
                '      for (var c = 0u; c < 4u; c++) {',
                ...each(ROWS_PER_THREAD, (b) => `      let c${b} = vec4<u32>(r${b}[c]);`),
                ...each(2, (j) =>
                  dots(
                    unpacked((b) => `c${b}`, j),
                    `${j}`,
                    `c * 2u + ${j}u`,
                  ),
                ),
                '      }',
              ])
            : lines(
                each(perWord, (j) =>
                  dots(
                    unpacked((b) => `r${b}`, j),
                    `${j}`,
                    `v * ${perWord}u + ${j}u`,
                  ),
                ),
              ),
          '    }',
        ]);

  return `// y[t, n] = sum_k x[t, k] * w[n, k];   z[t, r] = blend weight * sum_k x[t, k] * A[r, k]
${constants}
struct Call {
  rows: u32, groups: u32, first_row: u32, y_stride: u32,
  layer: u32, first_target: u32, targets: u32, base_groups: u32,
  count_word: u32, first_token: u32, token_limit: u32, unused: u32,
}
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> weights: array<${planeType(dtype)}>;
@group(0) @binding(3) var<storage, read> scales: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> z: array<f32>;
@group(0) @binding(6) var<storage, read> pool: array<${poolType(pool)}>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

${stateFunctions}
${poolFunctions(pool)}

fn base_rows(thread: u32, first: u32, count: u32) {
  let n = thread * ${ROWS_PER_THREAD}u;
  if (n >= call.rows) {
    return;
  }
  let stride = call.groups * 8u;
  let tile = n / ${TILE}u * call.groups;
  let lane = n % ${TILE}u;
${lines(each(tokens, (t) => `  let t${t} = min(first + ${t}u, count - 1u) * stride;\n  var acc${t} = vec4<f32>();`))}
  for (var g = 0u; g < call.groups; g++) {
    let base = (tile + g) * ${vectors * TILE}u + lane;
${lines(each(tokens, (t) => `    let at${t} = t${t} + g * 8u;`))}
${target === 'part' ? lines(each(tokens, (t) => `    var part${t} = vec4<f32>();`)) : ''}
${groupBody}
${
  target === 'part'
    ? `    let s = ((tile + g) * ${TILE}u + lane) >> 1u;
    let scale = vec4<f32>(unpack2x16float(scales[s]), unpack2x16float(scales[s + 1u]));
${lines(each(tokens, (t) => `    acc${t} += part${t} * scale;`))}`
    : ''
}
  }
${lines(
  each(tokens, (t) =>
    lines([
      `  if (first + ${t}u < count) {`,
      `    let out${t} = (first + ${t}u) * call.y_stride + call.first_row + n;`,
      ...each(ROWS_PER_THREAD, (b) => `    if (n + ${b}u < call.rows) { y[out${t} + ${b}u] = acc${t}.${'xyzw'[b]}; }`),
      '  }',
    ]),
  ),
)}
}

// Pool address of the A row behind rank slot s of a row's blend, with the blend weight; none: weight word 0 and address FROM_SLOT.
fn find_rank(slot: u32, target_index: u32, s: u32) -> vec2<u32> {
  let count = state[slot + BLEND_COUNT];
  var offset = 0u;
  for (var e = 0u; e < count; e++) {
    let descriptor = ADAPTERS_AT + state[slot + BLEND + 2u * e];
    let rank = state[descriptor + DESCRIPTOR_RANKS + call.layer * TARGETS + target_index] & 0xffffu;
    if (s < offset + rank) {
      let list = descriptor + state[descriptor + 2u * target_index];
      return vec2<u32>(state[list + s - offset], state[slot + BLEND + 2u * e + 1u]);
    }
    offset += rank;
  }
  return vec2<u32>(FROM_SLOT, 0u);
}

fn adapter_rows(thread: u32, first: u32, count: u32) {
  let width = state[RANK_WIDTH];
  let t = thread / width;
  let s = thread % width;
  if (t >= call.targets) {
    return;
  }
  let stride = call.groups * 8u;
  let last = min(first + ${tokens}u, count);
  let slot = row_slot(first);
  var shared_slot = true;
  for (var row = first + 1u; row < last; row++) {
    shared_slot = shared_slot && row_slot(row) == slot;
  }
  if (shared_slot) {
    let found = find_rank(slot, call.first_target + t, s);
    if (found.x == FROM_SLOT) {
      return;
    }
    let weight = bitcast<f32>(found.y);
    let from_pool = found.x >> 2u;
${lines(each(tokens, (i) => `    let t${i} = min(first + ${i}u, count - 1u) * stride;\n    var acc${i} = 0.0;`))}
    for (var k = 0u; k < stride; k++) {
      let a = pool4(from_pool + k);
${lines(each(tokens, (i) => `      acc${i} += dot(a, x[t${i} + k]);`))}
    }
${lines(
  each(
    tokens,
    (i) => `    if (first + ${i}u < count) { z[((first + ${i}u) * 3u + t) * width + s] = weight * acc${i}; }`,
  ),
)}
    return;
  }
  for (var row = first; row < last; row++) {
    let found = find_rank(row_slot(row), call.first_target + t, s);
    if (found.x == FROM_SLOT) {
      continue;
    }
    let from_pool = found.x >> 2u;
    var acc = 0.0;
    for (var k = 0u; k < stride; k++) {
      acc += dot(pool4(from_pool + k), x[row * stride + k]);
    }
    z[(row * 3u + t) * width + s] = bitcast<f32>(found.y) * acc;
  }
}

@compute @workgroup_size(${LINEAR_THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let count = select(state[call.count_word], call.token_limit, call.token_limit > 0u);
  let first = call.first_token + group.y * ${tokens}u;
  if (first >= count) {
    return;
  }
  if (group.x < call.base_groups) {
    base_rows(group.x * ${LINEAR_THREADS}u + thread, first, count);
  } else {
    adapter_rows((group.x - call.base_groups) * ${LINEAR_THREADS}u + thread, first, count);
  }
}
`;
}
