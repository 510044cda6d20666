// The next token of every output row: penalties, temperature, top-k, top-p, min-p, then one seeded draw; or the greatest logit.
// Thresholds are found on the order-preserving integer form of a float, one bit a pass, so no sort is needed.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> counts: array<u32>;
@group(0) @binding(2) var<storage, read_write> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> results: array<u32>;

const LOWEST: f32 = -3.0e38;

struct Settings {
  repetition: f32,
  presence: f32,
  frequency: f32,
  at: u32,
  counts_at: u32,
  penalised: bool,
  constrained: bool,
}

fn raw_logit(at: u32, i: u32) -> f32 {
  let v = logits[at + i] * LOGIT_SCALE_F;
  if (SOFTCAP == 1u) {
    return SOFTCAP_F * tanh(v / SOFTCAP_F);
  }
  return v;
}

// Tokens past the last have the least logit.
fn raw_logits(at: u32, tokens: vec4<u32>) -> vec4<f32> {
  let last = min(tokens, vec4<u32>(VOCAB - 1u)) + at;
  var v = vec4<f32>(logits[last.x], logits[last.y], logits[last.z], logits[last.w]) * LOGIT_SCALE_F;
  if (SOFTCAP == 1u) {
    v = SOFTCAP_F * tanh(v / SOFTCAP_F);
  }
  return select(v, vec4<f32>(LOWEST), tokens >= vec4<u32>(VOCAB));
}

fn logit(s: Settings, i: u32) -> f32 {
  return penalised(s, i, raw_logit(s.at, i));
}

fn four_logits(s: Settings, first: u32) -> vec4<f32> {
  let tokens = first + THREADS * vec4<u32>(0u, 1u, 2u, 3u);
  let raw = raw_logits(s.at, tokens);
  if (!s.penalised && !s.constrained) {
    return raw;
  }
  return vec4<f32>(
    penalised(s, tokens.x, raw.x),
    penalised(s, tokens.y, raw.y),
    penalised(s, tokens.z, raw.z),
    penalised(s, tokens.w, raw.w),
  );
}

fn penalised(s: Settings, i: u32, raw: f32) -> f32 {
  var v = biased(s, i, raw);
  if (s.penalised && i < VOCAB && v > LOWEST) {
    let seen = counts[s.counts_at + i];
    let generated = seen & 0x7fffffffu;
    if (seen != 0u) {
      v = select(v * s.repetition, v / s.repetition, v > 0.0);
    }
    if (generated != 0u) {
      v -= s.presence + s.frequency * f32(generated);
    }
  }
  return v;
}

// Order-preserving: a < b as floats exactly when ordered(a) < ordered(b).
fn ordered(v: vec4<f32>) -> vec4<u32> {
  let bits = bitcast<vec4<u32>>(v);
  return select(bits | vec4<u32>(0x80000000u), ~bits, (bits & vec4<u32>(0x80000000u)) != vec4<u32>(0u));
}

fn ordered_one(v: f32) -> u32 {
  return ordered(vec4<f32>(v)).x;
}

// What those of four logits that reach the threshold weigh together.
fn mass_from(v: vec4<f32>, threshold: u32, best: f32, temperature: f32) -> f32 {
  let kept = ordered(v) >= vec4<u32>(threshold);
  return dot(select(vec4<f32>(0.0), exp((v - best) / temperature), kept), vec4<f32>(1.0));
}

// Uniform in [0, 1): two rounds of the murmur3 finaliser over seed and position.
fn draw(seed: u32, position: u32) -> f32 {
  var h = seed * 0x9e3779b9u + position;
  for (var i = 0u; i < 2u; i++) {
    h ^= h >> 16u;
    h *= 0x85ebca6bu;
    h ^= h >> 13u;
    h *= 0xc2b2ae35u;
    h ^= h >> 16u;
    h += position;
  }
  return f32(h >> 8u) / 16777216.0;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let out = group.x;
  let row = state[OUTPUTS_AT + out];
  let slot_index = state[ROWS_AT + row * ROW_WORDS + ROW_SLOT];
  let slot = SLOTS_AT + slot_index * SLOT_WORDS;
  var s: Settings;
  // The settings are the same in every thread; saying so keeps the barriers below in uniform control flow.
  if (thread == 0u) {
    lane_f32[0] = bitcast<f32>(state[slot + SLOT_TEMPERATURE]);
    lane_f32[1] = bitcast<f32>(state[slot + SLOT_TOP_P]);
    lane_u32[0] = state[slot + SLOT_TOP_K];
    lane_u32[1] = state[slot + SLOT_TOP_COUNT];
  }
  let temperature = workgroupUniformLoad(&lane_f32[0]);
  let top_p = workgroupUniformLoad(&lane_f32[1]);
  let top_k = workgroupUniformLoad(&lane_u32[0]);
  let top_count = workgroupUniformLoad(&lane_u32[1]);
  s.repetition = bitcast<f32>(state[slot + SLOT_REPETITION]);
  s.presence = bitcast<f32>(state[slot + SLOT_PRESENCE]);
  s.frequency = bitcast<f32>(state[slot + SLOT_FREQUENCY]);
  s.at = out * VOCAB;
  s.counts_at = slot_index * VOCAB;
  s.penalised = s.repetition != 1.0 || s.presence != 0.0 || s.frequency != 0.0;
  s.constrained = CONSTRAINED == 1u && state[slot + SLOT_CONSTRAINED] == 1u;

  // One pass over all logits, eight loads of a thread side by side: the greatest before and after penalties, the first token that
  // has it, and the mass, rescaled whenever a greater logit is met (Milakov and Gimelshein, arXiv 1805.02867).
  var raw_best = LOWEST;
  var best = LOWEST;
  var best_token = VOCAB;
  var mass = 0.0;
  var broken = 0u;
  for (var i = thread; i < VOCAB; i += 8u * THREADS) {
    let tokens = array<vec4<u32>, 2>(i + THREADS * vec4<u32>(0u, 1u, 2u, 3u), i + THREADS * vec4<u32>(4u, 5u, 6u, 7u));
    let first = raw_logits(s.at, tokens[0]);
    let second = raw_logits(s.at, tokens[1]);
    // By its bits: a compiler may assume that v == v.
    let bits = (bitcast<vec4<u32>>(first) & vec4<u32>(0x7f800000u)) == vec4<u32>(0x7f800000u);
    let more = (bitcast<vec4<u32>>(second) & vec4<u32>(0x7f800000u)) == vec4<u32>(0x7f800000u);
    broken |= u32(any(bits) || any(more));
    let higher = max(first, second);
    let before = raw_best;
    raw_best = max(max(raw_best, max(higher.x, higher.y)), max(higher.z, higher.w));
    mass = mass * exp(before - raw_best) + dot(exp(first - raw_best) + exp(second - raw_best), vec4<f32>(1.0));
    for (var k = 0u; k < 8u; k++) {
      let token = i + k * THREADS;
      let raw = select(second[k & 3u], first[k & 3u], k < 4u);
      let v = penalised(s, token, raw);
      if (v > best) {
        best = v;
        best_token = token;
      }
    }
  }
  let own_best = raw_best;
  raw_best = max_f32(thread, raw_best);
  let own_greatest = best;
  best = max_f32(thread, best);
  let any_broken = sum_u32(thread, broken);
  let log_total = raw_best + log(sum_f32(thread, mass * exp(own_best - raw_best)));

  var chosen = VOCAB;
  if (temperature == 0.0) {
    chosen = min_u32(thread, select(VOCAB, best_token, own_greatest == best));
  } else {
    var threshold = 0u;
    if (top_k > 0u && top_k < VOCAB) {
      for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
        let candidate = threshold | bit;
        var above = 0u;
        for (var i = thread; i < VOCAB; i += 4u * THREADS) {
          let higher = ordered(four_logits(s, i)) >= vec4<u32>(candidate);
          above += dot(select(vec4<u32>(0u), vec4<u32>(1u), higher), vec4<u32>(1u));
        }
        if (sum_u32(thread, above) >= top_k) {
          threshold = candidate;
        }
      }
    }
    if (top_p < 1.0) {
      var kept = 0.0;
      for (var i = thread; i < VOCAB; i += 4u * THREADS) {
        kept += mass_from(four_logits(s, i), threshold, best, temperature);
      }
      let wanted = top_p * sum_f32(thread, kept);
      var nucleus = 0u;
      for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
        let candidate = nucleus | bit;
        var above = 0.0;
        for (var i = thread; i < VOCAB; i += 4u * THREADS) {
          above += mass_from(four_logits(s, i), max(candidate, threshold), best, temperature);
        }
        if (sum_f32(thread, above) >= wanted) {
          nucleus = candidate;
        }
      }
      threshold = max(threshold, nucleus);
    }
    let min_p = bitcast<f32>(state[slot + SLOT_MIN_P]);
    if (min_p > 0.0) {
      threshold = max(threshold, ordered_one(best + temperature * log(min_p)));
    }
    threshold = min(threshold, ordered_one(best));
    if (s.constrained) {
      threshold = max(threshold, ordered_one(LOWEST) + 1u);
    }

    let chunk = (VOCAB + THREADS - 1u) / THREADS;
    let from_token = thread * chunk;
    let to_token = min(from_token + chunk, VOCAB);
    var own = 0.0;
    for (var i = from_token; i < to_token; i++) {
      let v = logit(s, i);
      own += select(0.0, exp((v - best) / temperature), ordered_one(v) >= threshold);
    }
    lane_f32[thread] = own;
    workgroupBarrier();
    if (thread == 0u) {
      var total = 0.0;
      for (var j = 0u; j < THREADS; j++) {
        total += lane_f32[j];
      }
      var position = state[ROWS_AT + row * ROW_WORDS + 1u];
      if (position == FROM_SLOT) {
        position = state[slot + SLOT_POSITION];
      }
      let wanted = draw(state[slot + SLOT_SEED], position) * total;
      var before = 0.0;
      var from_lane = 0u;
      var passed = 0.0;
      for (var j = 0u; j < THREADS; j++) {
        if (lane_f32[j] > 0.0) {
          from_lane = j;
          before = passed;
        }
        passed += lane_f32[j];
        if (passed > wanted) {
          break;
        }
      }
      chosen = 0u;
      for (var i = from_lane * chunk; i < min(from_lane * chunk + chunk, VOCAB); i++) {
        let v = logit(s, i);
        if (ordered_one(v) >= threshold) {
          chosen = i;
          before += exp((v - best) / temperature);
          if (before > wanted) {
            break;
          }
        }
      }
    }
    // The first thread still reads what the others write next.
    workgroupBarrier();
  }
  // Where everything is banned the first token is as good as any.
  if (s.constrained && chosen >= VOCAB) {
    chosen = 0u;
  }
  // The most likely one by one: the greatest that comes after the last, the first of equals first.
  var last = -LOWEST;
  var last_token = 0u;
  for (var n = 0u; n < top_count; n++) {
    var greatest = LOWEST;
    for (var i = thread; i < VOCAB; i += THREADS) {
      let v = raw_logit(s.at, i);
      greatest = max(greatest, select(LOWEST, v, v < last || (v == last && i > last_token)));
    }
    greatest = max_f32(thread, greatest);
    var token = VOCAB;
    for (var i = thread; i < VOCAB; i += THREADS) {
      if (raw_logit(s.at, i) == greatest && (greatest < last || i > last_token)) {
        token = min(token, i);
      }
    }
    token = min_u32(thread, token);
    if (thread == 0u) {
      let at = out * RESULT_WORDS + RESULT_TOP + 2u * n;
      results[at] = token;
      results[at + 1u] = bitcast<u32>(greatest - log_total);
    }
    last = greatest;
    last_token = token;
  }
  if (thread == 0u) {
    let at = ROWS_AT + row * ROW_WORDS;
    var position = state[at + 1u];
    if (position == FROM_SLOT) {
      position = state[slot + SLOT_POSITION];
    }
    if (state[DRAFTS] == 0u) {
      state[slot] = chosen;
      state[slot + SLOT_POSITION] = position + 1u;
    }
    if (s.penalised) {
      counts[s.counts_at + chosen] += 1u;
    }
    let result = out * RESULT_WORDS;
    results[result] = chosen;
    results[result + 1u] = bitcast<u32>(raw_logit(s.at, chosen) - log_total);
    results[result + 2u] = slot_index;
    results[result + 3u] = any_broken;
  }
}
