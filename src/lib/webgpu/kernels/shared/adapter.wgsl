// What a row's adapters add to output `n` of a matrix: sum over its blend of B[n] . z, and for DoRA gain * y.
// `z` already carries the blend weight; B already carries alpha / rank (and, for DoRA, the row gain).
fn adapter_delta(row: u32, layer: u32, target_index: u32, z_target: u32, n: u32, y: f32) -> f32 {
  let slot = row_slot(row);
  let count = state[slot + BLEND_COUNT];
  var z_at = (row * 3u + z_target) * (state[RANK_WIDTH] / 4u);
  var sum = 0.0;
  for (var e = 0u; e < count; e++) {
    let descriptor = ADAPTERS_AT + state[slot + BLEND + 2u * e];
    let word = state[descriptor + DESCRIPTOR_RANKS + layer * TARGETS + target_index];
    let ranks = ((word & 0xffffu) + 3u) / 4u;
    if (ranks == 0u) {
      continue;
    }
    let greatest = state[descriptor + 2u * target_index + 1u];
    let gain = descriptor + state[descriptor + 2u * target_index] + greatest;
    let b = b_row(gain + 1u, greatest, n);
    for (var r = 0u; r < ranks; r++) {
      sum += dot(z[z_at + r], pool4(b + r));
    }
    if ((word >> 16u) != 0u) {
      sum += bitcast<f32>(state[slot + BLEND + 2u * e + 1u]) * pool1(state[gain] + n) * y;
    }
    z_at += ranks;
  }
  return sum;
}
