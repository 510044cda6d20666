// What the two halves of the gradient of attention share: which rows see which keys, and a score with its slope. Rows of a sequence lie
// together from its first token on, so the key of a sequence's token is that of the row as far back.
struct Call { window: u32 }
struct Score { value: vec4<f32>, slope: vec4<f32> }
// Four rows, the same within the step, where they stand in their sequences, and the first rows whose keys they see.
struct Places { row: vec4<u32>, inside: vec4<u32>, position: vec4<u32>, first: vec4<u32> }

const COLUMNS: u32 = HEAD_DIM / 4u;
// Threads that hold the columns of a head, each PER_THREAD of them, and how many such bands there are.
const WIDTH: u32 = min(COLUMNS, THREADS);
const PER_THREAD: u32 = (COLUMNS + WIDTH - 1u) / WIDTH;
const SLICES: u32 = THREADS / WIDTH;
const FOUR = vec4<u32>(0u, 1u, 2u, 3u);
const LOWEST = vec4<f32>(-3.0e38);

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

fn places_of(rows: vec4<u32>, kv_head: u32) -> vec4<u32> {
  return vec4<u32>(place(rows.x, kv_head), place(rows.y, kv_head), place(rows.z, kv_head), place(rows.w, kv_head));
}

// Four rows from `first` on; of those past `last`, which nothing reads in the end, the place of the last is looked up.
fn four_rows(first: u32, last: u32) -> Places {
  let row = first + FOUR;
  let r = min(row, vec4<u32>(last));
  return Places(
    row,
    r,
    vec4<u32>(row_position(r.x), row_position(r.y), row_position(r.z), row_position(r.w)),
    vec4<u32>(first_seen(r.x), first_seen(r.y), first_seen(r.z), first_seen(r.w)),
  );
}

// One of them four times.
fn one_row(of_four: Places, j: u32) -> Places {
  return Places(
    vec4<u32>(of_four.row[j]),
    vec4<u32>(of_four.inside[j]),
    vec4<u32>(of_four.position[j]),
    vec4<u32>(of_four.first[j]),
  );
}

// Scores of four pairs of a row and a key; LOWEST where the row does not see the key, so that its weight is 0. `slope` is the derivative
// by the product of query and key.
fn score(products: vec4<f32>, head: u32, keys: Places, rows: Places) -> Score {
  var s = products * SCALE_F;
  var slope = vec4<f32>(SCALE_F);
  if (SOFTCAP == 1u) {
    let t = tanh(s / SOFTCAP_F);
    s = SOFTCAP_F * t;
    slope *= 1.0 - t * t;
  }
  if (ALIBI == 1u) {
    s += vec4<f32>(
      alibi(head, keys.position.x, rows.position.x),
      alibi(head, keys.position.y, rows.position.y),
      alibi(head, keys.position.z, rows.position.z),
      alibi(head, keys.position.w, rows.position.w),
    );
  }
  return Score(select(LOWEST, s, (keys.row >= rows.first) & (keys.row <= rows.row)), slope);
}

// Four vectors, each of them `v` times one of the weights.
fn spread(weights: vec4<f32>, v: vec4<f32>) -> mat4x4<f32> {
  return mat4x4<f32>(weights.x * v, weights.y * v, weights.z * v, weights.w * v);
}

// Four elements of each of four heads. transpose(a) * b are the products of all of `a` with each of `b`.
fn of_queries(at: vec4<u32>) -> mat4x4<f32> {
  return mat4x4<f32>(q[at.x], q[at.y], q[at.z], q[at.w]);
}

fn of_cache(at: vec4<u32>) -> mat4x4<f32> {
  return mat4x4<f32>(kv[at.x], kv[at.y], kv[at.z], kv[at.w]);
}

fn of_gradient(at: vec4<u32>) -> mat4x4<f32> {
  return mat4x4<f32>(dout[at.x], dout[at.y], dout[at.z], dout[at.w]);
}
