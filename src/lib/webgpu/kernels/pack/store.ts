// The last step of `pack`, by weight format: 32 values of `group_values` into 16-byte words, returning the scale.

import type { WeightDtype } from '#lib/core/tensor.ts';

const PLAIN_F32 = `fn store_group(at: u32) -> f32 {
  for (var v = 0u; v < 8u; v++) {
    weights[at + v * 8u] = bitcast<vec4<u32>>(vec4<f32>(group_values[v * 4u], group_values[v * 4u + 1u], group_values[v * 4u + 2u], group_values[v * 4u + 3u]));
  }
  return 1.0;
}`;

const PLAIN_F16 = `fn store_group(at: u32) -> f32 {
  for (var v = 0u; v < 4u; v++) {
    var word = vec4<u32>(0u);
    for (var c = 0u; c < 4u; c++) {
      let i = v * 8u + c * 2u;
      if (max(abs(group_values[i]), abs(group_values[i + 1u])) > 65504.0) {
        atomicAdd(&faults[call.fault_at + 1u], 1u);
      }
      word[c] = pack2x16float(vec2<f32>(group_values[i], group_values[i + 1u]));
    }
    weights[at + v * 8u] = word;
  }
  return 1.0;
}`;

const GREATEST = `fn greatest() -> f32 {
  var value = 0.0;
  for (var i = 0u; i < 32u; i++) {
    if (abs(group_values[i]) > abs(value)) { value = group_values[i]; }
  }
  return value;
}`;

const Q8 = `${GREATEST}
fn store_group(at: u32) -> f32 {
  let scale = as_f16(abs(greatest()) / 127.0);
  for (var v = 0u; v < 2u; v++) {
    var word = vec4<u32>(0u);
    for (var i = 0u; i < 16u; i++) {
      let q = select(quantise(scale, v * 16u + i, -127.0, 127.0), 0.0, scale == 0.0);
      word[i / 4u] |= (u32(i32(q)) & 255u) << (8u * (i % 4u));
    }
    weights[at + v * 8u] = word;
  }
  return scale;
}`;

const Q4 = `${GREATEST}
fn store_group(at: u32) -> f32 {
  let top = greatest();
  var scale = as_f16(top / -8.0);
  if (scale != 0.0) {
    var least = squared_error(scale, -8.0, 7.0);
    for (var candidate = 0u; candidate < 2u; candidate++) {
      let other = as_f16(top / select(7.0, -7.0, candidate == 0u));
      let error = squared_error(other, -8.0, 7.0);
      if (error < least) {
        least = error;
        scale = other;
      }
    }
  }
  var word = vec4<u32>(0u);
  for (var i = 0u; i < 32u; i++) {
    let q = select(quantise(scale, i, -8.0, 7.0), 0.0, scale == 0.0);
    word[i / 8u] |= u32(i32(q) + 8) << (8u * (i % 4u) + 4u * ((i % 8u) / 4u));
  }
  weights[at] = word;
  return scale;
}`;

export const STORE_WGSL: Record<WeightDtype, string> = { f32: PLAIN_F32, f16: PLAIN_F16, q8: Q8, q4: Q4 };
