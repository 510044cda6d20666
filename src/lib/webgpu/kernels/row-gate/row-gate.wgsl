// h[row, :] *= sigmoid(scores[row, at])
struct Call { stride: u32, at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> scores: array<f32>;
@group(0) @binding(2) var<storage, read_write> h: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  if (row >= state[ROW_COUNT] || id.x >= VECTORS) {
    return;
  }
  h[row * STRIDE + id.x] *= 1.0 / (1.0 + exp(-scores[row * call.stride + call.at]));
}
