// x[row, :] = scale * rows[i, :] where the row's token is ids[i], for the rows to which one adapter is applied
struct Call { count: u32, hidden: u32, stride: u32, descriptor: u32, scale: f32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<f32>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  if (id.x >= call.hidden || row >= state[ROW_COUNT] || applied_weight(row, call.descriptor) == 0.0) {
    return;
  }
  var token = state[ROWS_AT + row * ROW_WORDS];
  if (token == FROM_SLOT) {
    token = state[row_slot(row)];
  }
  for (var i = 0u; i < call.count; i++) {
    if (ids[i] == token) {
      x[row * call.stride + id.x] = call.scale * rows[i * call.hidden + id.x];
    }
  }
}
