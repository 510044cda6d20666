// Four elements of the gate (part 0) or of up (part 1), with bias and adapter.
fn value(row: u32, part: u32, i: u32) -> vec4<f32> {
  let base = y[(row * 2u + part) * VECTORS + i];
  var v = base + adapter_delta(row, call.layer, call.first_target + part, part, 4u * i + vec4<u32>(0u, 1u, 2u, 3u), base);
  if (BIAS == 1u) {
    v += vectors[call.bias_at / 4u + part * VECTORS + i];
  }
  return v;
}
