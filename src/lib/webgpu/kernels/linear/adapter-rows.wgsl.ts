// The text of the adapter half of the linear kernel: one thread takes one rank of one adapted matrix over a tile of rows.
// Rows that wear the same adapters share the read of A; the order of summation is the same either way.

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

export function adapterRowsWgsl(tokens: number): string {
  return `// Pool address of the A row behind rank s of a sequence's blend, with the bits of the blend weight. Past an adapter's rank,
// up to a multiple of four, any row with weight 0; past all of them FROM_SLOT.
fn find_rank(slot: u32, target_index: u32, s: u32) -> vec2<u32> {
  let count = state[slot + BLEND_COUNT];
  var offset = 0u;
  for (var e = 0u; e < count; e++) {
    let descriptor = ADAPTERS_AT + state[slot + BLEND + 2u * e];
    let rank = state[descriptor + DESCRIPTOR_RANKS + call.layer * TARGETS + target_index] & 0xffffu;
    let room = (rank + 3u) / 4u * 4u;
    if (s < offset + room) {
      let list = descriptor + state[descriptor + 2u * target_index];
      let r = s - offset;
      let weight = select(0u, state[slot + BLEND + 2u * e + 1u], r < rank);
      return vec2<u32>(state[list + min(r, rank - 1u)], weight);
    }
    offset += room;
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
${each(tokens, (i) => `    let t${i} = min(first + ${i}u, count - 1u) * stride;\n    var acc${i} = 0.0;`)}
    for (var k = 0u; k < stride; k++) {
      let a = pool4(from_pool + k);
${each(tokens, (i) => `      acc${i} += dot(a, x[t${i} + k]);`)}
    }
${each(
  tokens,
  (i) => `    if (first + ${i}u < count) { z[((first + ${i}u) * 3u + t) * width + s] = weight * acc${i}; }`,
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
}`;
}
