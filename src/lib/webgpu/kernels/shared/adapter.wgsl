// What a row's adapters add to output `n` of a matrix: sum over its blend of B[n] . z, and for DoRA gain * y.
// `z` already carries the blend weight; B already carries alpha / rank (and, for DoRA, the row gain).
fn adapter_delta(row: u32, layer: u32, target_index: u32, z_target: u32, n: u32, y: f32) -> f32 {
  let slot = row_slot(row);
  let count = state[slot + BLEND_COUNT];
  let z_base = (row * 3u + z_target) * state[RANK_WIDTH];
  var offset = 0u;
  var sum = 0.0;
  for (var e = 0u; e < count; e++) {
    let descriptor = ADAPTERS_AT + state[slot + BLEND + 2u * e];
    let word = state[descriptor + DESCRIPTOR_RANKS + layer * TARGETS + target_index];
    let rank = word & 0xffffu;
    if (rank == 0u) {
      continue;
    }
    let greatest = state[descriptor + 2u * target_index + 1u];
    let columns = descriptor + state[descriptor + 2u * target_index] + greatest;
    for (var r = 0u; r < rank; r++) {
      sum += z[z_base + offset + r] * pool1(state[columns + r] + n);
    }
    if ((word >> 16u) != 0u) {
      sum += bitcast<f32>(state[slot + BLEND + 2u * e + 1u]) * pool1(state[columns + greatest] + n) * y;
    }
    offset += rank;
  }
  return sum;
}
