// h[pair, i] = act(gate of the pair's expert . x) * (up . x), for each pair of a row and a chosen expert
struct Call { first_row: u32, rows: u32, groups: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> gate: array<plane>;
@group(0) @binding(3) var<storage, read> gate_scales: array<u32>;
@group(0) @binding(4) var<storage, read> up: array<plane>;
@group(0) @binding(5) var<storage, read> up_scales: array<u32>;
@group(0) @binding(6) var<storage, read> choices: array<u32>;
@group(0) @binding(7) var<storage, read_write> h: array<f32>;
@group(0) @binding(8) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let pair = id.y;
  let i = id.x;
  let row = pair / CHOSEN;
  if (row >= state[ROW_COUNT] || i >= FFN) {
    return;
  }
  let n = choices[pair * CHOICE_WORDS] * FFN + i;
  if (!in_part(n)) {
    return;
  }
  let at = row * call.groups * 8u;
  let of_gate = gate_dot(n - call.first_row, at);
  let of_up = up_dot(n - call.first_row, at);
  h[pair * STRIDE + i] = activation(vec4<f32>(of_gate)).x * of_up;
}
