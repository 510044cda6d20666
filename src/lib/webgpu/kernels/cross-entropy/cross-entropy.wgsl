// loss = log sum exp(v) - v[label], v = cap * tanh(scale * logit / cap) or scale * logit
// The logits of a row become its gradient: weight * (exp(v - log sum) - [i = label]) * dv / dlogit.
struct Call { first: u32, count: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> logits: array<f32>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;

const LOWEST: f32 = -3.0e38;

// A logit as the sampler sees it, and its slope.
fn shown(logit: f32) -> vec2<f32> {
  let v = logit * LOGIT_SCALE_F;
  if (SOFTCAP == 1u) {
    let t = tanh(v / SOFTCAP_F);
    return vec2<f32>(SOFTCAP_F * t, LOGIT_SCALE_F * (1.0 - t * t));
  }
  return vec2<f32>(v, LOGIT_SCALE_F);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  if (row >= call.count) {
    return;
  }
  let at = row * VOCAB;
  // The greatest so far, and the sum of exp(v - greatest).
  var share = vec2<f32>(LOWEST, 0.0);
  for (var i = thread; i < VOCAB; i += THREADS) {
    share = joined(share, vec2<f32>(shown(logits[at + i]).x, 1.0));
  }
  share = over_threads(thread, share);
  let log_sum = share.x + log(share.y);
  let aim = (call.first + row) * TARGET_WORDS;
  let label = targets[aim + TARGET_LABEL];
  let weight = bitcast<f32>(targets[aim + TARGET_WEIGHT]);
  for (var i = thread; i < VOCAB; i += THREADS) {
    let v = shown(logits[at + i]);
    if (i == label) {
      losses[call.first + row] = log_sum - v.x;
    }
    logits[at + i] = weight * (exp(v.x - log_sum) - select(0.0, 1.0, i == label)) * v.y;
  }
}
