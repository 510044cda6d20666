// h = act(v), v = up + bias + adapter: dv = dh * act'(v)
struct Call { layer: u32, bias_at: u32, target_index: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dh: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dy: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> vectors: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> pool: array<pool_word>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  let i = id.x;
  if (row >= state[ROW_COUNT] || i >= VECTORS) {
    return;
  }
  let at = row * VECTORS + i;
  let base = y[at];
  var v = base + adapter_delta(row, call.layer, call.target_index, 0u, 4u * i + vec4<u32>(0u, 1u, 2u, 3u), base);
  if (BIAS == 1u) {
    v += vectors[call.bias_at / 4u + i];
  }
  dy[at] = dh[row * STRIDE + i] * derivative(v);
}
