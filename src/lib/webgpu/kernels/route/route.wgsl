// The experts of each row in descending order of their scores, equal scores in the order of the experts, and their weights.
struct Call { bias_at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> scores: array<f32>;
@group(0) @binding(2) var<storage, read_write> choices: array<u32>;
@group(0) @binding(3) var<storage, read> vectors: array<f32>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

const LEAST = -3.0e38;
var<workgroup> weight: array<f32, EXPERTS>;
var<workgroup> preference: array<f32, EXPERTS>;
var<workgroup> group_score: array<f32, ROUTER_GROUPS>;
var<workgroup> picked: array<f32, CHOSEN>;

fn weigh(row: u32, thread: u32) {
  let at = row * SCORE_STRIDE;
  var top = LEAST;
  var total = 0.0;
  if (SOFTMAX == 1u) {
    for (var e = 0u; e < EXPERTS; e++) {
      top = max(top, scores[at + e]);
    }
    for (var e = 0u; e < EXPERTS; e++) {
      total += exp(scores[at + e] - top);
    }
  }
  for (var e = thread; e < EXPERTS; e += THREADS) {
    let score = scores[at + e];
    weight[e] = select(1.0 / (1.0 + exp(-score)), exp(score - top) / total, SOFTMAX == 1u);
    preference[e] = weight[e];
    if (BIAS == 1u) {
      preference[e] += vectors[call.bias_at + e];
    }
  }
}

fn score_groups(thread: u32) {
  for (var g = thread; g < ROUTER_GROUPS; g += THREADS) {
    var best = LEAST;
    var second = LEAST;
    for (var e = g * GROUP_SIZE; e < (g + 1u) * GROUP_SIZE; e++) {
      second = max(second, min(best, preference[e]));
      best = max(best, preference[e]);
    }
    group_score[g] = select(best, best + second, BEST_TWO == 1u);
  }
}

fn drop_groups(thread: u32) {
  for (var e = thread; e < EXPERTS; e += THREADS) {
    let own = e / GROUP_SIZE;
    var better = 0u;
    for (var g = 0u; g < ROUTER_GROUPS; g++) {
      better += u32(group_score[g] > group_score[own] || (group_score[g] == group_score[own] && g < own));
    }
    if (better >= KEPT) {
      preference[e] = LEAST;
    }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  if (row >= state[ROW_COUNT]) {
    return;
  }
  weigh(row, thread);
  workgroupBarrier();
  if (ROUTER_GROUPS > 1u) {
    score_groups(thread);
    workgroupBarrier();
    drop_groups(thread);
    workgroupBarrier();
  }
  for (var e = thread; e < EXPERTS; e += THREADS) {
    var better = 0u;
    for (var o = 0u; o < EXPERTS; o++) {
      better += u32(preference[o] > preference[e] || (preference[o] == preference[e] && o < e));
    }
    if (better < CHOSEN) {
      choices[(row * CHOSEN + better) * CHOICE_WORDS] = e;
      picked[better] = weight[e];
    }
  }
  workgroupBarrier();
  var total = 1.0;
  if (NORMALISE == 1u) {
    total = 0.0;
    for (var c = 0u; c < CHOSEN; c++) {
      total += picked[c];
    }
  }
  for (var c = thread; c < CHOSEN; c += THREADS) {
    choices[(row * CHOSEN + c) * CHOICE_WORDS + 1u] = bitcast<u32>(picked[c] / total * SCALE_F);
  }
}
