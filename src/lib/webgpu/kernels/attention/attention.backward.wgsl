// What the two halves of the gradient of attention share: which rows see which keys, and a score with its slope. Rows of a sequence lie
// together from its first token on, so the key of a sequence's token is that of the row as far back.
struct Call { window: u32 }
struct Score { value: vec4<f32>, slope: vec4<f32> }

const COLUMNS: u32 = HEAD_DIM / 4u;
// Threads that hold the columns of a head, each PER_THREAD of them, and how many such bands there are.
const WIDTH: u32 = min(COLUMNS, THREADS);
const PER_THREAD: u32 = (COLUMNS + WIDTH - 1u) / WIDTH;
const SLICES: u32 = THREADS / WIDTH;
const FOUR = vec4<u32>(0u, 1u, 2u, 3u);

// Where the key of a row starts in the cache, in vectors of four.
fn place(row: u32, kv_head: u32) -> u32 {
  let position = row_position(row);
  let block = state[BLOCKS_AT + state[ROWS_AT + row * ROW_WORDS + ROW_SLOT] * MAX_BLOCKS + position / BLOCK_TOKENS];
  return ((block * KV_HEADS + kv_head) * BLOCK_TOKENS + position % BLOCK_TOKENS) * COLUMNS;
}

// The first row whose key a row sees; it never falls from row to row.
fn first_seen(row: u32) -> u32 {
  let position = row_position(row);
  return row - select(position, min(position, call.window - 1u), call.window > 0u);
}

fn positions(rows: vec4<u32>) -> vec4<u32> {
  return vec4<u32>(row_position(rows.x), row_position(rows.y), row_position(rows.z), row_position(rows.w));
}

// `slope` is the derivative by the product of query and key.
fn score(products: vec4<f32>, head: u32, keys: vec4<u32>, position: vec4<u32>) -> Score {
  var s = products * SCALE_F;
  var slope = vec4<f32>(SCALE_F);
  if (SOFTCAP == 1u) {
    let t = tanh(s / SOFTCAP_F);
    s = SOFTCAP_F * t;
    slope *= 1.0 - t * t;
  }
  if (ALIBI == 1u) {
    s += vec4<f32>(
      alibi(head, keys.x, position.x),
      alibi(head, keys.y, position.y),
      alibi(head, keys.z, position.z),
      alibi(head, keys.w, position.w),
    );
  }
  return Score(s, slope);
}

// Four vectors, each of them `v` times one of the weights.
fn spread(weights: vec4<f32>, v: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(weights.x * v, weights.y * v, weights.z * v, weights.w * v);
}
