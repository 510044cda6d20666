// y[row, head, :] = the first WIDTH of HEAD_DIM elements of x[row, head, :]
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  if (row >= state[ROW_COUNT] || id.x >= HEADS * WIDTH) {
    return;
  }
  y[row * Y_STRIDE + id.x] = x[row * X_STRIDE + id.x / WIDTH * HEAD_DIM + id.x % WIDTH];
}
