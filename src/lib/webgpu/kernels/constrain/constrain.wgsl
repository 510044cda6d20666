// bias[output, token]: what the sampler adds to a token's logit, or that it may not or must be chosen, in the order of transformers:
// biases of sequences, bans (n-grams, bad words, early ends), forced tokens, suppressed tokens.
@group(0) @binding(0) var<storage, read> lists: array<u32>;
@group(0) @binding(1) var<storage, read> constraints: array<u32>;
@group(0) @binding(2) var<storage, read> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> history: array<u32>;
@group(0) @binding(4) var<storage, read_write> bias: array<f32>;

var<workgroup> shared_word: u32;

struct Row { bias_at: u32, history_at: u32, length: u32 }

// Do the tokens end with the words from `prefix` on?
fn ends_with(row: Row, prefix: u32, length: u32) -> bool {
  if (length > row.length) {
    return false;
  }
  for (var i = 0u; i < length; i++) {
    if (history[row.history_at + row.length - length + i] != lists[prefix + i]) {
      return false;
    }
  }
  return true;
}

fn set_all(row: Row, thread: u32, list: u32, value: f32) {
  let first = lists[list];
  for (var i = thread; i < lists[list + 1u]; i += THREADS) {
    bias[row.bias_at + lists[first + i]] = value;
  }
}

fn add_biases(row: Row, thread: u32) {
  let first = lists[LIST_BIASES];
  for (var i = thread; i < lists[LIST_BIASES + 1u]; i += THREADS) {
    // The first of those with one last token adds up all of them.
    if (i > 0u && lists[first + (i - 1u) * SEQUENCE_WORDS + 4u] == 1u) {
      continue;
    }
    var sum = 0.0;
    var banned = false;
    var at = first + i * SEQUENCE_WORDS;
    loop {
      if (ends_with(row, lists[at], lists[at + 1u])) {
        let value = bitcast<f32>(lists[at + 3u]);
        banned = banned || value <= 0.5 * BANNED;
        sum += select(value, 0.0, banned);
      }
      if (lists[at + 4u] == 0u) {
        break;
      }
      at += SEQUENCE_WORDS;
    }
    bias[row.bias_at + lists[at + 2u]] = select(sum, BANNED, banned);
  }
}

fn ban_bad_words(row: Row, thread: u32) {
  let first = lists[LIST_BAD_WORDS];
  for (var i = thread; i < lists[LIST_BAD_WORDS + 1u]; i += THREADS) {
    let at = first + i * SEQUENCE_WORDS;
    if (ends_with(row, lists[at], lists[at + 1u])) {
      bias[row.bias_at + lists[at + 2u]] = BANNED;
    }
  }
}

// Bans what would make the last ngram - 1 tokens and itself a sequence that stands there already.
fn ban_ngrams(row: Row, thread: u32, ngram: u32) {
  if (ngram == 0u || row.length < ngram) {
    return;
  }
  let suffix = row.history_at + row.length + 1u - ngram;
  for (var i = thread; i <= row.length - ngram; i += THREADS) {
    var equal = true;
    for (var j = 0u; equal && j < ngram - 1u; j++) {
      equal = history[row.history_at + i + j] == history[suffix + j];
    }
    if (equal) {
      bias[row.bias_at + history[row.history_at + i + ngram - 1u]] = BANNED;
    }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let at = state[OUTPUTS_AT + group.x];
  let slot = row_slot(at);
  // The same in every thread; saying so keeps the barriers below in uniform control flow.
  if (thread == 0u) {
    shared_word = state[slot + SLOT_CONSTRAINED];
  }
  if (workgroupUniformLoad(&shared_word) == 0u) {
    return;
  }
  let index = state[ROWS_AT + at * ROW_WORDS + ROW_SLOT];
  let position = row_position(at);
  let row = Row(group.x * VOCAB, index * CONTEXT, position + 1u);
  let constraint = index * CONSTRAINT_WORDS;
  if (thread == 0u) {
    var token = state[ROWS_AT + at * ROW_WORDS];
    if (token == TOKEN_FROM_SLOT) {
      token = state[slot];
    }
    history[row.history_at + position] = token;
  }
  var forced = 0u;
  if (row.length == 1u && lists[LIST_FORCED_BOS + 1u] > 0u) {
    forced = LIST_FORCED_BOS;
  }
  if (row.length == constraints[constraint + 3u] && lists[LIST_FORCED_EOS + 1u] > 0u) {
    forced = LIST_FORCED_EOS;
  }
  for (var i = thread; i < VOCAB; i += THREADS) {
    bias[row.bias_at + i] = select(0.0, BANNED, forced > 0u);
  }
  storageBarrier();
  if (forced > 0u) {
    set_all(row, thread, forced, FORCED);
  } else {
    add_biases(row, thread);
  }
  storageBarrier();
  if (forced == 0u) {
    ban_bad_words(row, thread);
    ban_ngrams(row, thread, constraints[constraint + 1u]);
    if (row.length < constraints[constraint + 2u]) {
      set_all(row, thread, LIST_STOP, BANNED);
    }
  }
  set_all(row, thread, LIST_SUPPRESS, BANNED);
  if (row.length == constraints[constraint]) {
    set_all(row, thread, LIST_BEGIN, BANNED);
  }
}
