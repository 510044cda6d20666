// x[t, :] += table[position of row t, :]
@group(0) @binding(0) var<storage, read> positions: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  if (row >= state[ROW_COUNT] || id.x >= VECTORS) {
    return;
  }
  x[row * STRIDE + id.x] += positions[row_position(row) * VECTORS + id.x];
}
