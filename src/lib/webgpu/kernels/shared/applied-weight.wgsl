// The weight with which the adapter is applied to a row, for the adapter at `descriptor`; 0 where it does not.
fn applied_weight(row: u32, descriptor: u32) -> f32 {
  let slot = row_slot(row);
  let count = state[slot + BLEND_COUNT];
  for (var e = 0u; e < count; e++) {
    if (state[slot + BLEND + 2u * e] == descriptor) {
      return bitcast<f32>(state[slot + BLEND + 2u * e + 1u]);
    }
  }
  return 0.0;
}
