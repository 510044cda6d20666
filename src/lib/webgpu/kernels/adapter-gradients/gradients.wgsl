// How kernels of adapter gradients find ranks of an adapter in a row's z, and an adapter's parts in a buffer laid out as the pool.
struct Call {
  groups: u32, y_stride: u32, layer: u32, first_target: u32,
  // Where the outputs of each target start in a row of dY.
  starts: vec4<u32>,
  targets: u32,
}
@group(0) @binding(0) var<uniform> call: Call;

// What an adapter has for target `t` of the call: its rank in this layer, the word that lists its vectors, and whether it has DoRA gains.
struct Parts {
  rank: u32,
  quads: u32,
  list: u32,
  greatest: u32,
  dora: bool,
}

fn parts_of(descriptor: u32, t: u32) -> Parts {
  let at = ADAPTERS_AT + descriptor;
  let target_index = call.first_target + t;
  let word = state[at + DESCRIPTOR_RANKS + call.layer * TARGETS + target_index];
  let rank = word & 0xffffu;
  let list = at + state[at + 2u * target_index];
  return Parts(rank, (rank + 3u) / 4u, list, state[at + 2u * target_index + 1u], (word >> 16u) != 0u);
}

// Word of the first page of B.
fn pages_of(parts: Parts) -> u32 {
  return parts.list + parts.greatest + 1u;
}

const NOT_APPLIED = 0xffffffffu;

// How many vectors of ranks of other adapters lie before those of the adapter in a row's z.
fn quads_before(slot: u32, descriptor: u32, t: u32) -> u32 {
  let count = state[slot + BLEND_COUNT];
  var before = 0u;
  for (var e = 0u; e < count; e++) {
    let one = state[slot + BLEND + 2u * e];
    if (one == descriptor) {
      return before;
    }
    before += parts_of(one, t).quads;
  }
  return NOT_APPLIED;
}

// The end of the rows from `at` on, before `last`, that belong to one sequence.
fn same_slot_end(at: u32, last: u32) -> u32 {
  var end = at + 1u;
  while (end < last && row_slot(end) == row_slot(at)) {
    end++;
  }
  return end;
}

fn outputs_of(t: u32) -> u32 {
  return call.starts[t + 1u] - call.starts[t];
}
