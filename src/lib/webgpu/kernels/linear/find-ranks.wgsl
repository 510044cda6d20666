// Which rows of A in the pool four neighbouring ranks of a sequence's blend are.
struct Ranks {
  // Where four rows of A start in the pool, in vectors of four, and what their products are multiplied by.
  rows: vec4<u32>,
  weights: vec4<f32>,
  found: bool,
}

fn no_ranks() -> Ranks {
  return Ranks(vec4<u32>(0u), vec4<f32>(0.0), false);
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
  return no_ranks();
}
