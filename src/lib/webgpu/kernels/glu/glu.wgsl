// h = act(gate) * up, each with its bias and adapter
struct Call { layer: u32, bias_at: u32, first_target: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> h: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>>;
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
  h[row * STRIDE + i] = activation(value(row, 0u, i)) * value(row, 1u, i);
}
