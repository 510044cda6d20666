// The text of the adapter half of the linear kernel for software adapters: one thread takes four ranks of one adapted matrix over a tile of rows.
// Rows with the same adapters share the reads of A; the order of summation is the same either way.

import findRanks from './find-ranks.wgsl?raw';

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** Rows that share the reads of A. More of them would meet the end of a sequence more often. */
export const ADAPTER_TOKENS = 4;

export function adapterRowsWgsl(mostTokens: number, threads: number): string {
  const tokens = Math.min(mostTokens, ADAPTER_TOKENS);
  return `${findRanks}

fn adapter_rows(block: u32, thread: u32, first: u32, count: u32) {
  let quads = state[RANK_WIDTH] / 4u;
  let item = block * ${threads}u + thread;
  let t = item / quads;
  let s = item % quads;
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
    let ranks = find_ranks(slot, call.first_target + t, s * 4u);
    if (!ranks.found) {
      return;
    }
${each(tokens, (i) => `    let t${i} = min(first + ${i}u, count - 1u) * stride;\n    var acc${i} = vec4<f32>();`)}
    var k = 0u;
    loop {
      let a0 = pool4(ranks.rows.x + k);
      let a1 = pool4(ranks.rows.y + k);
      let a2 = pool4(ranks.rows.z + k);
      let a3 = pool4(ranks.rows.w + k);
${each(
  tokens,
  (i) => `      let x${i} = x[t${i} + k];
      acc${i} += vec4<f32>(dot(a0, x${i}), dot(a1, x${i}), dot(a2, x${i}), dot(a3, x${i}));`,
)}
      continuing {
        k++;
        break if k >= stride;
      }
    }
${each(
  tokens,
  (i) => `    if (first + ${i}u < count) { z[((first + ${i}u) * 3u + t) * quads + s] = ranks.weights * acc${i}; }`,
)}
    return;
  }
  for (var row = first; row < last; row++) {
    let ranks = find_ranks(row_slot(row), call.first_target + t, s * 4u);
    if (!ranks.found) {
      continue;
    }
    var acc = vec4<f32>();
    var k = 0u;
    loop {
      let v = x[row * stride + k];
      acc += vec4<f32>(
        dot(pool4(ranks.rows.x + k), v),
        dot(pool4(ranks.rows.y + k), v),
        dot(pool4(ranks.rows.z + k), v),
        dot(pool4(ranks.rows.w + k), v),
      );
      continuing {
        k++;
        break if k >= stride;
      }
    }
    z[(row * 3u + t) * quads + s] = ranks.weights * acc;
  }
}`;
}
