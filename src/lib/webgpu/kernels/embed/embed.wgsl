// x[t, :] = scale * table[token of row t, :], for all rows or for those to which one adapter is applied (only_adapter - 1)
struct Call { rows: u32, groups: u32, first_row: u32, scale: f32, only_adapter: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> weights: array<plane>;
@group(0) @binding(2) var<storage, read> scales: array<u32>;
@group(0) @binding(3) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  let k4 = id.x;
  let stride = call.groups * 8u;
  if (row >= state[ROW_COUNT] || k4 >= stride) {
    return;
  }
  if (call.only_adapter > 0u && applied_weight(row, call.only_adapter - 1u) == 0.0) {
    return;
  }
  var token = state[ROWS_AT + row * ROW_WORDS];
  if (token == FROM_SLOT) {
    token = state[row_slot(row)];
  }
  if (token < call.first_row || token - call.first_row >= call.rows) {
    return;
  }
  x[row * stride + k4] = call.scale * weight4(token - call.first_row, call.groups, k4);
}
