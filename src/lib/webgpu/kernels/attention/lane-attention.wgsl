// o[t, h] = softmax over j <= position of (scale * q[t, h] . k[j]) times v[j], for software GPUs, where a barrier costs as much as many
// keys: one workgroup is one row and TOGETHER heads that share their keys; every thread takes each THREADS-th key with a running
// maximum and sum of its own, and the threads' parts are added up once, at the end.
struct Call { window: u32 }
struct Eight { low: vec4<f32>, high: vec4<f32> }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> kv: array<kv_word>;
@group(0) @binding(3) var<storage, read_write> o: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

const COLUMNS: u32 = HEAD_DIM / 8u;
const LOWEST: f32 = -3.0e38;

var<workgroup> greatest_of: array<f32, THREADS * TOGETHER>;
var<workgroup> total_of: array<f32, THREADS * TOGETHER>;
var<workgroup> sums_of: array<Eight, THREADS * TOGETHER * COLUMNS>;

// Where a key of a sequence starts in the cache, in eights.
fn place(blocks: u32, kv_head: u32, key: u32) -> u32 {
  let block = state[blocks + key / BLOCK_TOKENS];
  return ((block * KV_HEADS + kv_head) * BLOCK_TOKENS + key % BLOCK_TOKENS) * COLUMNS;
}

fn score(dotted: f32, head: u32, key: u32, position: u32) -> f32 {
  var s = dotted * SCALE_F;
  if (SOFTCAP == 1u) {
    s = SOFTCAP_F * tanh(s / SOFTCAP_F);
  }
  if (ALIBI == 1u) {
    s += alibi(head, key, position);
  }
  return s;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let first_head = group.x * TOGETHER;
  let row = group.y;
  if (row >= state[ROW_COUNT]) {
    return;
  }
  let position = row_position(row);
  let blocks = BLOCKS_AT + state[ROWS_AT + row * ROW_WORDS + ROW_SLOT] * MAX_BLOCKS;
  let kv_head = first_head / (HEADS / KV_HEADS);
  var first = 0u;
  if (call.window > 0u && position + 1u > call.window) {
    first = position + 1u - call.window;
  }
  let query = (row * HEADS + first_head) * COLUMNS * 2u;
LOAD_QUERIES

  for (var key = first + thread; key <= position; key += THREADS) {
    let at = place(blocks, kv_head, key);
    var key_scale = 1.0;
    var value_scale = 1.0;
    if (SCALED == 1u) {
      key_scale = kv_scale(at / COLUMNS);
      value_scale = kv_scale((VALUES_AT + at) / COLUMNS);
    }
SCORE_KEY
ADD_VALUE
  }
KEEP_PARTS
  workgroupBarrier();
  for (var i = thread; i < TOGETHER * COLUMNS; i += THREADS) {
    let head = i / COLUMNS;
    var greatest = LOWEST;
    for (var part = 0u; part < THREADS; part++) {
      greatest = max(greatest, greatest_of[part * TOGETHER + head]);
    }
    var total = 0.0;
    var low = vec4<f32>();
    var high = vec4<f32>();
    for (var part = 0u; part < THREADS; part++) {
      let correction = exp(greatest_of[part * TOGETHER + head] - greatest);
      total += correction * total_of[part * TOGETHER + head];
      let sums = sums_of[part * TOGETHER * COLUMNS + i];
      low += correction * sums.low;
      high += correction * sums.high;
    }
    let out = (row * O_STRIDE + first_head * HEAD_DIM) / 4u + 2u * i;
    o[out] = low / total;
    o[out + 1u] = high / total;
  }
}
