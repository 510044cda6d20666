// y[t, n] += scale * weight of row t * sum_r z[t, r] * B[n, r], for the rows to which one adapter is applied
struct Call { rows: u32, groups: u32, first_row: u32, y_stride: u32, descriptor: u32, of_outputs: u32, scale: f32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> weights: array<plane>;
@group(0) @binding(3) var<storage, read> scales: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  let t = id.y;
  if (n >= call.rows || t >= state[select(ROW_COUNT, OUTPUT_COUNT, call.of_outputs == 1u)]) {
    return;
  }
  var row = t;
  if (call.of_outputs == 1u) {
    row = state[OUTPUTS_AT + t];
  }
  let applied = applied_weight(row, call.descriptor);
  if (applied == 0.0) {
    return;
  }
  let stride = call.groups * 8u;
  var sum = 0.0;
  for (var k = 0u; k < stride; k++) {
    sum += dot(z[t * stride + k], weight4(n, call.groups, k));
  }
  y[t * call.y_stride + call.first_row + n] += call.scale * applied * sum;
}
