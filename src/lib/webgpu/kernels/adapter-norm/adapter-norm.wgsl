// h = x / rms(x) * values, in place of the base's norm, for the rows to which one adapter is applied
struct Call { at: u32, descriptor: u32, of_outputs: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> h: array<f32>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

var<workgroup> partial: array<f32, THREADS>;
var<workgroup> applied: f32;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let out = group.x;
  var row = out;
  if (call.of_outputs == 1u) {
    row = state[OUTPUTS_AT + out];
  }
  if (thread == 0u) {
    applied = applied_weight(row, call.descriptor);
  }
  // The same in every thread; saying so keeps the barrier below in uniform control flow.
  if (workgroupUniformLoad(&applied) == 0.0) {
    return;
  }
  var squares = 0.0;
  for (var i = thread; i < HIDDEN; i += THREADS) {
    let value = x[row * STRIDE + i];
    squares += value * value;
  }
  partial[thread] = squares;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < THREADS; i++) {
    sum += partial[i];
  }
  let inverse = inverseSqrt(sum / f32(HIDDEN) + EPS_F);
  for (var i = thread; i < HIDDEN; i += THREADS) {
    h[out * STRIDE + i] = x[row * STRIDE + i] * inverse * values[call.at + i];
  }
}
