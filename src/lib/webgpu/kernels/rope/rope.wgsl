// q, k, v of a row: bias, adapter, optional per-head norm, rotation by position; q to its own buffer, k and v to the cache.
// A thread owns two pairs at a time of elements (a, b) that rotate together: a' = a cos - b sin, b' = b cos + a sin.
// q and k are stored pair by pair: their dot product does not mind, and a pair packs into one f16x2 word.
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> q: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> kv: array<kv_word>;
@group(0) @binding(4) var<storage, read> angles: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> vectors: array<f32>;
@group(0) @binding(6) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> pool: array<pool_word>;
@group(0) @binding(8) var<storage, read> state: array<u32>;

fn rotated(pair: vec2<f32>, position: u32, i: u32) -> vec2<f32> {
  if (i >= ROPE_DIM / 2u) {
    return pair;
  }
  let angle = angles[position * (ROPE_DIM / 2u) + i];
  return vec2<f32>(pair.x * angle.x - pair.y * angle.y, pair.y * angle.x + pair.x * angle.y);
}

// Where the key or value of a row's head starts in the cache, in pairs.
fn place(row: u32, position: u32, head: u32, part: u32) -> u32 {
  let slot = state[ROWS_AT + row * ROW_WORDS + ROW_SLOT];
  let block = state[BLOCKS_AT + slot * MAX_BLOCKS + position / BLOCK_TOKENS];
  let kv_head = select(head - HEADS - KV_HEADS, head - HEADS, part == 1u);
  return select(VALUES_AT, 0u, part == 1u) +
    ((block * KV_HEADS + kv_head) * BLOCK_TOKENS + position % BLOCK_TOKENS) * (HEAD_DIM / 2u);
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
  var turned = position;
  if (OF_PROMPT == 1u) {
    turned += state[ROWS_AT + row * ROW_WORDS + ROW_ANGLES];
  }
  var held: array<vec4<f32>, TWOS_PER_THREAD>;
  var squares = 0.0;
  for (var j = 0u; j < TWOS_PER_THREAD; j++) {
    let i = 2u * (j * THREADS + thread);
    if (i < HEAD_DIM / 2u) {
      held[j] = values(row, part, head, vec4<u32>(pair_of(i, part), pair_of(i + 1u, part)));
      squares += dot(held[j], held[j]);
    }
  }
  var greatest = 0.0;
  let inverse = inverse_rms(thread, squares, row, part);
  for (var j = 0u; j < TWOS_PER_THREAD; j++) {
    let i = 2u * (j * THREADS + thread);
    if (i >= HEAD_DIM / 2u) {
      break;
    }
    var pairs = held[j];
    if (part < 2u) {
      if (HEAD_NORM == 1u) {
        let n = norm_at(part, head) + vec4<u32>(pair_of(i, part), pair_of(i + 1u, part));
        pairs *= inverse * vec4<f32>(vectors[n.x], vectors[n.y], vectors[n.z], vectors[n.w]);
      }
      pairs = vec4<f32>(rotated(pairs.xy, turned, i), rotated(pairs.zw, turned, i + 1u));
    }
    if (VALUE_NORM == 1u && part == 2u) {
      pairs *= inverse;
    }
    if (part == 0u) {
      if (GROWS == 1u) {
        pairs *= 1.0 + GROWTH_F * log(f32(1u + position / GROWTH_EVERY));
      }
      let at = (row * HEADS + head) * (HEAD_DIM / 2u) + i;
      q[at] = pairs.xy;
      q[at + 1u] = pairs.zw;
    } else if (SCALED == 1u) {
      held[j] = pairs;
      let most = max(abs(pairs.xy), abs(pairs.zw));
      greatest = max(greatest, max(most.x, most.y));
    } else {
      store(place(row, position, head, part) + i, pairs);
    }
  }
  if (SCALED == 1u && part > 0u) {
    store_scaled(thread, place(row, position, head, part), greatest, &held);
  }
}
