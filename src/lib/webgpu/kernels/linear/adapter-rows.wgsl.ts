// The text of the adapter half of the linear kernel: one thread takes four ranks of one adapted matrix over a tile of rows.
// Rows that wear the same adapters share the reads of A; the order of summation is the same either way.

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

export function adapterRowsWgsl(tokens: number): string {
  return `struct Ranks {
  // Where four rows of A start in the pool, in vectors of four, and what their products are multiplied by.
  rows: vec4<u32>,
  weights: vec4<f32>,
  found: bool,
}

// The four ranks from s on of a sequence's blend. Past an adapter's rank, up to a multiple of four: any row, with weight 0.
fn find_ranks(slot: u32, target_index: u32, s: u32) -> Ranks {
  let count = state[slot + BLEND_COUNT];
  var offset = 0u;
  for (var e = 0u; e < count; e++) {
    let descriptor = ADAPTERS_AT + state[slot + BLEND + 2u * e];
    let rank = state[descriptor + DESCRIPTOR_RANKS + call.layer * TARGETS + target_index] & 0xffffu;
    let room = (rank + 3u) / 4u * 4u;
    if (s < offset + room) {
      let list = descriptor + state[descriptor + 2u * target_index];
      let r = vec4<u32>(s - offset) + vec4<u32>(0u, 1u, 2u, 3u);
      let at = vec4<u32>(list) + min(r, vec4<u32>(rank - 1u));
      let rows = vec4<u32>(state[at.x], state[at.y], state[at.z], state[at.w]) >> vec4<u32>(2u);
      let weight = bitcast<f32>(state[slot + BLEND + 2u * e + 1u]);
      return Ranks(rows, select(vec4<f32>(0.0), vec4<f32>(weight), r < vec4<u32>(rank)), true);
    }
    offset += room;
  }
  return Ranks(vec4<u32>(0u), vec4<f32>(0.0), false);
}

fn adapter_rows(thread: u32, first: u32, count: u32) {
  let quads = state[RANK_WIDTH] / 4u;
  let t = thread / quads;
  let s = thread % quads;
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
    for (var k = 0u; k < stride; k++) {
      let a0 = pool4(ranks.rows.x + k);
      let a1 = pool4(ranks.rows.y + k);
      let a2 = pool4(ranks.rows.z + k);
      let a3 = pool4(ranks.rows.w + k);
${each(
  tokens,
  (i) => `      let x${i} = x[t${i} + k];
      acc${i} += vec4<f32>(dot(a0, x${i}), dot(a1, x${i}), dot(a2, x${i}), dot(a3, x${i}));`,
)}
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
    for (var k = 0u; k < stride; k++) {
      let v = x[row * stride + k];
      acc += vec4<f32>(
        dot(pool4(ranks.rows.x + k), v),
        dot(pool4(ranks.rows.y + k), v),
        dot(pool4(ranks.rows.z + k), v),
        dot(pool4(ranks.rows.w + k), v),
      );
    }
    z[(row * 3u + t) * quads + s] = ranks.weights * acc;
  }
}`;
}
