// h = act(y + adapter) * x
struct Call { layer: u32, target_index: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> h: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> pool: array<pool_word>;
@group(0) @binding(6) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  let i = id.x;
  if (row >= state[ROW_COUNT] || i >= VECTORS) {
    return;
  }
  var v = y[row * VECTORS + i];
  v += adapter_delta(row, call.layer, call.target_index, 0u, 4u * i + vec4<u32>(0u, 1u, 2u, 3u), v);
  h[row * STRIDE + i] = activation(v) * x[row * VECTORS + i];
}
