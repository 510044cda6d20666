// logits[t, n] += bias[n]
struct Call { bias_at: u32, vocab: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> vectors: array<f32>;
@group(0) @binding(2) var<storage, read_write> logits: array<f32>;
@group(0) @binding(3) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.y < state[OUTPUT_COUNT] && id.x < call.vocab) {
    logits[id.y * call.vocab + id.x] += vectors[call.bias_at + id.x];
  }
}
