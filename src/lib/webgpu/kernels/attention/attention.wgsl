// o[t, h] = softmax over j <= position of (scale * q[t, h] . k[j]) times v[j], streamed in tiles of THREADS keys.
// One workgroup is one row and one head; the running maximum and sum follow Milakov and Gimelshein (arXiv 1805.02867).
struct Call { window: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> q: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> kv: array<kv_word>;
@group(0) @binding(3) var<storage, read_write> o: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

const PAIRS: u32 = HEAD_DIM / 2u;
const LOWEST: f32 = -3.0e38;

// Two arrays, so that two barriers a tile are enough: barriers are what software adapters pay for.
var<workgroup> score: array<f32, THREADS>;
var<workgroup> weight: array<f32, THREADS>;

// Where a key of a sequence starts in the cache.
fn place(blocks: u32, kv_head: u32, key: u32) -> u32 {
  let block = state[blocks + key / BLOCK_TOKENS];
  return ((block * KV_HEADS + kv_head) * BLOCK_TOKENS + key % BLOCK_TOKENS) * PAIRS;
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
  let query = (row * HEADS + head) * PAIRS;

  var greatest = LOWEST;
  var total = 0.0;
  var sums: array<vec2<f32>, PAIRS_PER_THREAD>;
  for (var tile = first / THREADS * THREADS; tile <= position; tile += THREADS) {
    let key = tile + thread;
    let tile_at = place(blocks, kv_head, tile);
    var s = LOWEST;
    if (key >= first && key <= position) {
      let at = key_at(tile_at, thread, blocks, kv_head, tile);
      var dotted = 0.0;
      var i = 0u;
      loop {
        dotted += dot(q[query + i], kv_pair(at + i));
        continuing {
          i++;
          break if i >= PAIRS;
        }
      }
      if (SCALED == 1u) {
        dotted *= kv_scale(at / PAIRS);
      }
      s = dotted * SCALE_F;
      if (SOFTCAP == 1u) {
        s = SOFTCAP_F * tanh(s / SOFTCAP_F);
      }
      if (ALIBI == 1u) {
        s += alibi(head, key, position);
      }
    }
    score[thread] = s;
    workgroupBarrier();
    let count = min(THREADS, position + 1u - tile);
    var tile_greatest = greatest;
    var from_key = 0u;
    loop {
      tile_greatest = max(tile_greatest, score[from_key]);
      continuing {
        from_key++;
        break if from_key >= count;
      }
    }
    weight[thread] = select(exp(s - tile_greatest), 0.0, s == LOWEST);
    workgroupBarrier();
    let correction = exp(greatest - tile_greatest);
    greatest = tile_greatest;
    total *= correction;
    from_key = 0u;
    loop {
      total += weight[from_key];
      continuing {
        from_key++;
        break if from_key >= count;
      }
    }
    for (var p = 0u; p < PAIRS_PER_THREAD; p++) {
      let i = p * THREADS + thread;
      if (i < PAIRS) {
        var sum = sums[p] * correction;
        var j = 0u;
        loop {
          let at = VALUES_AT + key_at(tile_at, j, blocks, kv_head, tile);
          if (SCALED == 1u) {
            sum += weight[j] * kv_scale(at / PAIRS) * kv_pair(at + i);
          } else {
            sum += weight[j] * kv_pair(at + i);
          }
          continuing {
            j++;
            break if j >= count;
          }
        }
        sums[p] = sum;
      }
    }
  }
  for (var p = 0u; p < PAIRS_PER_THREAD; p++) {
    let i = p * THREADS + thread;
    if (i < PAIRS) {
      o[row * (O_STRIDE / 2u) + head * PAIRS + i] = sums[p] / total;
    }
  }
}
