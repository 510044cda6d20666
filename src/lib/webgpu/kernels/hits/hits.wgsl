// hits[target] = 1 where its label is the first of the greatest logits of its row, else 0
struct Call { first: u32, count: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read_write> hits: array<u32>;

const LOWEST: f32 = -3.4e38;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  if (row >= call.count) {
    return;
  }
  // A logit and its token, which a float holds exactly.
  var share = vec2<f32>(LOWEST, f32(VOCAB));
  for (var i = thread; i < VOCAB; i += THREADS) {
    share = joined(share, vec2<f32>(logits[row * VOCAB + i], f32(i)));
  }
  share = over_threads(thread, share);
  if (thread == 0u) {
    let label = targets[(call.first + row) * TARGET_WORDS + TARGET_LABEL];
    hits[call.first + row] = select(0u, 1u, u32(share.y) == label);
  }
}
