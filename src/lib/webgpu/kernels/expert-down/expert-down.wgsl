// x[row, n] += sum over the row's chosen experts of weight * (down of the expert . h of row and expert)
struct Call { first_row: u32, rows: u32, groups: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> weights: array<plane>;
@group(0) @binding(3) var<storage, read> scales: array<u32>;
@group(0) @binding(4) var<storage, read> choices: array<u32>;
@group(0) @binding(5) var<storage, read_write> stream: array<f32>;
@group(0) @binding(6) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  let i = id.x;
  if (row >= state[ROW_COUNT] || i >= HIDDEN) {
    return;
  }
  var sum = 0.0;
  for (var c = 0u; c < CHOSEN; c++) {
    let pair = row * CHOSEN + c;
    let n = choices[pair * CHOICE_WORDS] * HIDDEN + i;
    if (in_part(n)) {
      sum += bitcast<f32>(choices[pair * CHOICE_WORDS + 1u]) * down_dot(n - call.first_row, pair * call.groups * 8u);
    }
  }
  stream[row * STRIDE + i] += sum;
}
