// What a row's adapters add to four outputs `n` of a matrix: sum over its blend of B[n] . z, and for DoRA gain * y.
// n.z must lie in the four rows of n.x (those from a multiple of four on), n.w in those of n.y: then they share a page.
// `z` already carries the blend weight; B already carries alpha / rank (and, for DoRA, the row gain).
fn adapter_delta(row: u32, layer: u32, target_index: u32, z_target: u32, n: vec4<u32>, y: vec4<f32>) -> vec4<f32> {
  var sum = vec4<f32>();
  let slot = row_slot(row);
  let count = state[slot + BLEND_COUNT];
  if (state[RANK_WIDTH] == 0u || count == 0u) {
    return sum;
  }
  var z_at = (row * 3u + z_target) * (state[RANK_WIDTH] / 4u);
  var e = 0u;
  loop {
    let descriptor = ADAPTERS_AT + state[slot + BLEND + 2u * e];
    let word = state[descriptor + DESCRIPTOR_RANKS + layer * TARGETS + target_index];
    let ranks = ((word & 0xffffu) + 3u) / 4u;
    if (ranks == 0u) {
      continue;
    }
    let greatest = state[descriptor + 2u * target_index + 1u];
    let gain = descriptor + state[descriptor + 2u * target_index] + greatest;
    let apart = (n.zw - n.xy) * ((greatest + 3u) / 4u);
    let pair = vec2<u32>(b_row(gain + 1u, greatest, n.x), b_row(gain + 1u, greatest, n.y));
    let b = vec4<u32>(pair, pair + apart);
    sum += rank_products(z_at, b, ranks);
    if ((word >> 16u) != 0u) {
      let at = state[gain];
      let gains = vec4<f32>(pool1(at + n.x), pool1(at + n.y), pool1(at + n.z), pool1(at + n.w));
      sum += bitcast<f32>(state[slot + BLEND + 2u * e + 1u]) * gains * y;
    }
    z_at += ranks;
    continuing {
      e++;
      break if e >= count;
    }
  }
  return sum;
}
