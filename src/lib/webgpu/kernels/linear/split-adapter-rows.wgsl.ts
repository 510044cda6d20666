// The text of the adapter half of the linear kernel for real GPUs: threads of a workgroup share the columns of four ranks of one
// adapted matrix. Rows with the same adapters share the reads of A; the order of summation is the same either way.

import findRanks from './find-ranks.wgsl?raw';

/** Threads that share four ranks. */
export const lanesOf = (threads: number): number => Math.min(128, threads);

/** Neighbouring shares that one thread adds up first. */
const BAND = 8;

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

const A = ['x', 'y', 'z', 'w'].map((c, i) => `      let a${i} = pool4(ranks.rows.${c} + k);`).join('\n');

export function splitAdapterRowsWgsl(tokens: number, threads: number): string {
  const lanes = lanesOf(threads);
  return `${findRanks}
// The first of every ${BAND} neighbouring shares becomes their sum.
fn add_bands(thread: u32, tokens: u32) {
  workgroupBarrier();
  for (var i = thread; i < tokens * ${threads / BAND}u; i += ${threads}u) {
    let at = i / ${threads / BAND}u * ${threads}u + i % ${threads / BAND}u * ${BAND}u;
    var band = shares[at];
    for (var j = 1u; j < ${BAND}u; j++) {
      band += shares[at + j];
    }
    shares[at] = band;
  }
  workgroupBarrier();
}

fn add_shares(from_share: u32) -> vec4<f32> {
  var total = vec4<f32>();
  for (var j = 0u; j < ${lanes}u; j += ${BAND}u) {
    total += shares[from_share + j];
  }
  return total;
}

fn adapter_rows(block: u32, thread: u32, first: u32, count: u32) {
  let quads = state[RANK_WIDTH] / 4u;
  let item = block * ${threads / lanes}u + thread / ${lanes}u;
  let lane = thread % ${lanes}u;
  let t = item / quads;
  let s = item % quads;
  let stride = call.groups * 8u;
  let last = min(first + ${tokens}u, count);
  var shared_slot = true;
  for (var row = first + 1u; row < last; row++) {
    shared_slot = shared_slot && row_slot(row) == row_slot(first);
  }
  if (shared_slot) {
    var ranks = no_ranks();
    if (t < call.targets) {
      ranks = find_ranks(row_slot(first), call.first_target + t, s * 4u);
    }
${each(tokens, (i) => `    let t${i} = min(first + ${i}u, count - 1u) * stride;\n    var acc${i} = vec4<f32>();`)}
    for (var k = select(stride, lane, ranks.found); k < stride; k += ${lanes}u) {
${A}
${each(
  tokens,
  (i) => `      let x${i} = x[t${i} + k];
      acc${i} += vec4<f32>(dot(a0, x${i}), dot(a1, x${i}), dot(a2, x${i}), dot(a3, x${i}));`,
)}
    }
${each(tokens, (i) => `    shares[${i * threads}u + thread] = acc${i};`)}
    add_bands(thread, ${tokens}u);
    if (ranks.found && first + lane < last) {
      z[((first + lane) * 3u + t) * quads + s] = ranks.weights * add_shares(lane * ${threads}u + thread - lane);
    }
    return;
  }
  for (var row = first; row < last; row++) {
    var ranks = no_ranks();
    if (t < call.targets) {
      ranks = find_ranks(row_slot(row), call.first_target + t, s * 4u);
    }
    var acc = vec4<f32>();
    for (var k = select(stride, lane, ranks.found); k < stride; k += ${lanes}u) {
${A}
      let v = x[row * stride + k];
      acc += vec4<f32>(dot(a0, v), dot(a1, v), dot(a2, v), dot(a3, v));
    }
    workgroupBarrier();
    shares[thread] = acc;
    add_bands(thread, 1u);
    if (ranks.found && lane == 0u) {
      z[(row * 3u + t) * quads + s] = ranks.weights * add_shares(thread);
    }
  }
}`;
}
