// q, k, v of a row: bias, adapter, optional per-head norm, rotation by position; q to its own buffer, k and v to the cache.
// A thread owns pairs of elements (a, b) that rotate together: a' = a cos - b sin, b' = b cos + a sin.
// q and k are stored pair by pair: their dot product does not mind, and a pair packs into one f16x2 word.
struct Call { layer: u32, bias_at: u32, q_norm_at: u32, k_norm_at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> q: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> kv: array<kv_word>;
@group(0) @binding(4) var<storage, read> angles: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> vectors: array<f32>;
@group(0) @binding(6) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> pool: array<pool_word>;
@group(0) @binding(8) var<storage, read> state: array<u32>;

var<workgroup> partial: array<f32, THREADS>;

fn pair_of(i: u32, part: u32) -> vec2<u32> {
  if (part < 2u && HALF == 1u && i < ROPE_DIM / 2u) {
    return vec2<u32>(i, i + ROPE_DIM / 2u);
  }
  return vec2<u32>(2u * i, 2u * i + 1u);
}

fn value(row: u32, part: u32, head: u32, n: u32) -> f32 {
  let base = y[row * Y_STRIDE + head * HEAD_DIM + n];
  let first = select(select(HEADS + KV_HEADS, HEADS, part == 1u), 0u, part == 0u);
  var v = base + adapter_delta(row, call.layer, part, part, (head - first) * HEAD_DIM + n, base);
  if (BIAS == 1u) {
    v += vectors[call.bias_at + head * HEAD_DIM + n];
  }
  return v;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let head = group.x;
  let row = group.y;
  if (row >= state[ROW_COUNT]) {
    return;
  }
  let part = select(select(2u, 1u, head < HEADS + KV_HEADS), 0u, head < HEADS);
  let position = row_position(row);
  var held: array<vec2<f32>, PAIRS_PER_THREAD>;
  var squares = 0.0;
  for (var j = 0u; j < PAIRS_PER_THREAD; j++) {
    let i = j * THREADS + thread;
    if (i < HEAD_DIM / 2u) {
      let at = pair_of(i, part);
      held[j] = vec2<f32>(value(row, part, head, at.x), value(row, part, head, at.y));
      squares += dot(held[j], held[j]);
    }
  }
  var inverse = 1.0;
  if (HEAD_NORM == 1u) {
    partial[thread] = squares;
    workgroupBarrier();
    squares = 0.0;
    for (var i = 0u; i < THREADS; i++) {
      squares += partial[i];
    }
    inverse = inverseSqrt(squares / f32(HEAD_DIM) + EPS_F);
  }
  for (var j = 0u; j < PAIRS_PER_THREAD; j++) {
    let i = j * THREADS + thread;
    if (i >= HEAD_DIM / 2u) {
      break;
    }
    var pair = held[j];
    if (part < 2u) {
      if (HEAD_NORM == 1u) {
        let at = pair_of(i, part);
        let norm_at = select(call.k_norm_at, call.q_norm_at, part == 0u);
        pair *= inverse * vec2<f32>(vectors[norm_at + at.x], vectors[norm_at + at.y]);
      }
      if (i < ROPE_DIM / 2u) {
        let angle = angles[position * (ROPE_DIM / 2u) + i];
        pair = vec2<f32>(pair.x * angle.x - pair.y * angle.y, pair.y * angle.x + pair.x * angle.y);
      }
    }
    if (part == 0u) {
      q[(row * HEADS + head) * (HEAD_DIM / 2u) + i] = pair;
    } else {
      let slot = state[ROWS_AT + row * ROW_WORDS + ROW_SLOT];
      let block = state[BLOCKS_AT + slot * MAX_BLOCKS + position / BLOCK_TOKENS];
      let kv_head = select(head - HEADS - KV_HEADS, head - HEADS, part == 1u);
      let at = ((block * KV_HEADS + kv_head) * BLOCK_TOKENS + position % BLOCK_TOKENS) * (HEAD_DIM / 2u) + i;
      kv[select(VALUES_AT, 0u, part == 1u) + at] = kv_pack(pair);
    }
  }
}
