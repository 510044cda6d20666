// o[t, h] = softmax over j <= position of (scale * q[t, h] . k[j]) times v[j], for real GPUs: one workgroup is one row and one head,
// and its threads work side by side within a tile of KEYS keys. PARTS threads share a key's score; COLUMNS threads, eight
// elements each, share its value, and SLICES such bands take every SLICES-th key. Bands are added up once, at the end.
// Keys and values of a tile are asked for together, before anything waits for them.
struct Call { window: u32 }
struct Eight { low: vec4<f32>, high: vec4<f32> }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> kv: array<kv_word>;
@group(0) @binding(3) var<storage, read_write> o: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

const COLUMNS: u32 = HEAD_DIM / 8u;
const KEYS: u32 = THREADS / PARTS;
const SLICES: u32 = THREADS / COLUMNS;
const EIGHTS_PER_PART: u32 = (COLUMNS + PARTS - 1u) / PARTS;
const KEYS_PER_SLICE: u32 = (KEYS + SLICES - 1u) / SLICES;
const LOWEST: f32 = -3.0e38;

var<workgroup> shares: array<f32, THREADS>;
var<workgroup> score: array<f32, KEYS>;
var<workgroup> weight: array<f32, KEYS>;
var<workgroup> bands: array<Eight, THREADS>;

// Where a key of a sequence starts in the cache, in eights.
fn place(blocks: u32, kv_head: u32, key: u32) -> u32 {
  let block = state[blocks + key / BLOCK_TOKENS];
  return ((block * KV_HEADS + kv_head) * BLOCK_TOKENS + key % BLOCK_TOKENS) * COLUMNS;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let head = group.x;
  let row = group.y;
  if (row >= state[ROW_COUNT]) {
    return;
  }
  let position = row_position(row);
  let blocks = BLOCKS_AT + state[ROWS_AT + row * ROW_WORDS + ROW_SLOT] * MAX_BLOCKS;
  let kv_head = head / (HEADS / KV_HEADS);
  var first = 0u;
  if (call.window > 0u && position + 1u > call.window) {
    first = position + 1u - call.window;
  }
  let part = thread % PARTS;
  let column = thread % COLUMNS;
  let slice = thread / COLUMNS;
  var query: array<Eight, EIGHTS_PER_PART>;
  for (var i = 0u; i < EIGHTS_PER_PART; i++) {
    let at = ((row * HEADS + head) * COLUMNS + part + i * PARTS) * 2u;
    if (part + i * PARTS < COLUMNS) {
      query[i] = Eight(q[at], q[at + 1u]);
    }
  }

  var greatest = LOWEST;
  var total = 0.0;
  var low = vec4<f32>();
  var high = vec4<f32>();
  for (var tile = first / KEYS * KEYS; tile <= position; tile += KEYS) {
    // Keys past the last are read as the last and weigh nothing.
    let key_at = place(blocks, kv_head, min(tile + thread / PARTS, position));
    var values: array<Eight, KEYS_PER_SLICE>;
    for (var i = 0u; i < KEYS_PER_SLICE; i++) {
      let value_at = place(blocks, kv_head, min(tile + slice + i * SLICES, position));
      values[i] = eight(VALUES_AT + value_at + column);
      if (SCALED == 1u) {
        let scale = kv_scale((VALUES_AT + value_at) / COLUMNS);
        values[i] = Eight(values[i].low * scale, values[i].high * scale);
      }
    }
    var dotted = 0.0;
    for (var i = 0u; i < EIGHTS_PER_PART; i++) {
      let k = eight(key_at + min(part + i * PARTS, COLUMNS - 1u));
      dotted += dot(query[i].low, k.low) + dot(query[i].high, k.high);
    }
    if (SCALED == 1u) {
      dotted *= kv_scale(key_at / COLUMNS);
    }
    shares[thread] = dotted;
    workgroupBarrier();
    var s = LOWEST;
    if (thread < KEYS) {
      if (tile + thread >= first && tile + thread <= position) {
        s = 0.0;
        for (var i = 0u; i < PARTS; i++) {
          s += shares[thread * PARTS + i];
        }
        s *= SCALE_F;
        if (SOFTCAP == 1u) {
          s = SOFTCAP_F * tanh(s / SOFTCAP_F);
        }
        if (ALIBI == 1u) {
          s += alibi(head, tile + thread, position);
        }
      }
      score[thread] = s;
    }
    workgroupBarrier();
    var tile_greatest = greatest;
    for (var j = 0u; j < KEYS; j += 8u) {
      let pairs = max(
        vec4<f32>(score[j], score[j + 1u], score[j + 2u], score[j + 3u]),
        vec4<f32>(score[j + 4u], score[j + 5u], score[j + 6u], score[j + 7u]),
      );
      tile_greatest = max(tile_greatest, max(max(pairs.x, pairs.y), max(pairs.z, pairs.w)));
    }
    let correction = exp(greatest - tile_greatest);
    greatest = tile_greatest;
    if (thread < KEYS) {
      let w = select(exp(s - greatest), 0.0, s == LOWEST);
      weight[thread] = w;
      total = total * correction + w;
    }
    workgroupBarrier();
    low *= correction;
    high *= correction;
    for (var i = 0u; i < KEYS_PER_SLICE; i++) {
      let j = slice + i * SLICES;
      if (slice < SLICES && j < KEYS) {
        low += weight[j] * values[i].low;
        high += weight[j] * values[i].high;
      }
    }
  }
  bands[thread] = Eight(low, high);
  shares[thread] = total;
  workgroupBarrier();
  // Shares of eight neighbours first.
  if (thread < KEYS / 8u) {
    var eighth = 0.0;
    for (var i = 0u; i < 8u; i++) {
      eighth += shares[thread * 8u + i];
    }
    weight[thread] = eighth;
  }
  workgroupBarrier();
  if (thread < COLUMNS) {
    var sum = bands[thread];
    for (var i = 1u; i < SLICES; i++) {
      let band = bands[i * COLUMNS + thread];
      sum.low += band.low;
      sum.high += band.high;
    }
    var all = 0.0;
    for (var i = 0u; i < KEYS / 8u; i++) {
      all += weight[i];
    }
    let out = row * (O_STRIDE / 4u) + (head * COLUMNS + thread) * 2u;
    o[out] = sum.low / all;
    o[out + 1u] = sum.high / all;
  }
}
