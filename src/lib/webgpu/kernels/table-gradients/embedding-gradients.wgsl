// dW[token of row t, k] += scale * dX[t, k], for the rows to which one adapter is applied, in their order: a thread takes four columns of all
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> dx: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> sums: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> state: array<u32>;
struct Call { vectors: u32, descriptor: u32, scale: f32 }

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let k = id.x;
  if (k >= call.vectors) {
    return;
  }
  for (var row = 0u; row < state[ROW_COUNT]; row++) {
    if (applied_weight(row, call.descriptor) != 0.0) {
      let token = state[ROWS_AT + row * ROW_WORDS];
      sums[(token / TILE * call.vectors + k) * TILE + token % TILE] += call.scale * dx[row * call.vectors + k];
    }
  }
}
