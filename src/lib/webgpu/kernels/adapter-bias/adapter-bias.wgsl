// y[row, first + n] += weight of the row * values[at + n], for the rows to which one adapter is applied
struct Call { at: u32, length: u32, first: u32, y_stride: u32, descriptor: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= call.length || id.y >= state[ROW_COUNT]) {
    return;
  }
  let applied = applied_weight(id.y, call.descriptor);
  if (applied != 0.0) {
    y[id.y * call.y_stride + call.first + id.x] += applied * values[call.at + id.x];
  }
}
