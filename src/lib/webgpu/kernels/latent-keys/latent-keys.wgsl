// The key and the value of a row and head, into the cache. Key: NOPE_DIM outputs of the head, then the rotated part that all heads share.
// Value: VALUE_DIM outputs of the head, then zeros up to the width of a key. A thread takes four elements of both.
struct Call { layer: u32, target_index: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> tail: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> kv: array<kv_word>;
@group(0) @binding(4) var<storage, read> angles: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> pool: array<pool_word>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

const HEAD_DIM: u32 = NOPE_DIM + ROPE_DIM;
const OUTPUTS: u32 = NOPE_DIM + VALUE_DIM;

fn rotated(pair: vec2<f32>, position: u32, i: u32) -> vec2<f32> {
  let angle = angles[position * (ROPE_DIM / 2u) + i];
  return vec2<f32>(pair.x * angle.x - pair.y * angle.y, pair.y * angle.x + pair.x * angle.y);
}

fn value(row: u32, n: u32) -> vec4<f32> {
  let base = y[(row * HEADS * OUTPUTS + n) / 4u];
  return base + adapter_delta(row, call.layer, call.target_index, 0u, n + vec4<u32>(0u, 1u, 2u, 3u), base);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  if (row >= state[ROW_COUNT] || id.x >= HEADS * HEAD_DIM / 4u) {
    return;
  }
  let head = 4u * id.x / HEAD_DIM;
  let n = 4u * id.x % HEAD_DIM;
  let position = row_position(row);
  var of_key: vec4<f32>;
  if (n < NOPE_DIM) {
    of_key = value(row, head * OUTPUTS + n);
  } else {
    let v = tail[(row * ROPE_DIM + n - NOPE_DIM) / 4u];
    let pair = (n - NOPE_DIM) / 2u;
    of_key = vec4<f32>(rotated(v.xy, position, pair), rotated(v.zw, position, pair + 1u));
  }
  var of_value = vec4<f32>();
  if (n < VALUE_DIM) {
    of_value = value(row, head * OUTPUTS + NOPE_DIM + n);
  }
  let slot = state[ROWS_AT + row * ROW_WORDS + ROW_SLOT];
  let block = state[BLOCKS_AT + slot * MAX_BLOCKS + position / BLOCK_TOKENS];
  let at = ((block * HEADS + head) * BLOCK_TOKENS + position % BLOCK_TOKENS) * (HEAD_DIM / 2u) + n / 2u;
  kv[at] = kv_pack(of_key.xy);
  kv[at + 1u] = kv_pack(of_key.zw);
  kv[VALUES_AT + at] = kv_pack(of_value.xy);
  kv[VALUES_AT + at + 1u] = kv_pack(of_value.zw);
}
