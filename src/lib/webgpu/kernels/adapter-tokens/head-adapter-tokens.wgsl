// logits[out, ids[i]] = h[out, :] . rows[i, :], for the outputs to which one adapter is applied
struct Call { count: u32, hidden: u32, stride: u32, descriptor: u32, vocab: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> ids: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<f32>;
@group(0) @binding(3) var<storage, read> h: array<f32>;
@group(0) @binding(4) var<storage, read_write> logits: array<f32>;
@group(0) @binding(5) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let out = id.y;
  if (id.x >= call.count || out >= state[OUTPUT_COUNT]) {
    return;
  }
  if (applied_weight(state[OUTPUTS_AT + out], call.descriptor) == 0.0) {
    return;
  }
  var sum = 0.0;
  for (var k = 0u; k < call.hidden; k++) {
    sum += h[out * call.stride + k] * rows[id.x * call.hidden + k];
  }
  logits[out * call.vocab + ids[id.x]] = sum;
}
