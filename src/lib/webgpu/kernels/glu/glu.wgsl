// h = act(gate) * up, each with its bias and adapter
struct Call { layer: u32, bias_at: u32, first_target: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> h: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> pool: array<pool_word>;
@group(0) @binding(6) var<storage, read> state: array<u32>;

fn silu(v: vec4<f32>) -> vec4<f32> {
  return v / (1.0 + exp(-v));
}

fn gelu_tanh(v: vec4<f32>) -> vec4<f32> {
  return 0.5 * v * (1.0 + tanh(clamp(0.7978845608028654 * (v + 0.044715 * v * v * v), vec4<f32>(-10.0), vec4<f32>(10.0))));
}

// erf by Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7.
fn gelu_erf(v: vec4<f32>) -> vec4<f32> {
  let a = abs(v) * 0.7071067811865476;
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return 0.5 * v * (1.0 + sign(v) * (1.0 - poly * exp(-a * a)));
}

fn value(row: u32, part: u32, i: u32) -> vec4<f32> {
  let base = y[(row * 2u + part) * VECTORS + i];
  var v = base + adapter_delta(row, call.layer, call.first_target + part, part, 4u * i + vec4<u32>(0u, 1u, 2u, 3u), base);
  if (BIAS == 1u) {
    v += vectors[call.bias_at / 4u + part * VECTORS + i];
  }
  return v;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  let i = id.x;
  if (row >= state[ROW_COUNT] || i >= VECTORS) {
    return;
  }
  h[row * STRIDE + i] = activation(value(row, 0u, i)) * value(row, 1u, i);
}
