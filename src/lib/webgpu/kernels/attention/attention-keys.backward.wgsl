// dk = sum over the rows that see a key, and the heads that share it, of ds * slope * q, and dv of p * dO, with p and ds as in the
// queries' half. One workgroup is one head of four keys: its threads take four rows at a time, tile by tile, for the weights,
// which threads that share the columns of a head add up.
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> kv: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> dout: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> stats: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read_write> dheads: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> state: array<u32>;

const TILE: u32 = 4u * THREADS;

var<workgroup> key_shares: array<vec4<f32>, TILE>;
var<workgroup> value_shares: array<vec4<f32>, TILE>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let kv_head = group.x;
  let first_key = group.y * 4u;
  let count = state[ROW_COUNT];
  if (first_key >= count) {
    return;
  }
  let last_key = min(first_key + 3u, count - 1u);
  let keys = four_rows(first_key, last_key);
  let key_at = places_of(keys.inside, kv_head);
  let slice = thread / WIDTH;
  var of_keys: array<mat4x4<f32>, PER_THREAD>;
  var of_values: array<mat4x4<f32>, PER_THREAD>;
  for (var head = kv_head * (HEADS / KV_HEADS); head < (kv_head + 1u) * (HEADS / KV_HEADS); head++) {
    for (var tile = first_key; tile < count; tile += TILE) {
      // Later rows see none of these keys either.
      if (first_seen(tile) > last_key) {
        break;
      }
      let at = 4u * thread;
      if (tile + at < count) {
        let rows = four_rows(tile + at, count - 1u);
        let q_at = (rows.inside * HEADS + head) * COLUMNS;
        let o_at = rows.inside * (O_STRIDE / 4u) + head * COLUMNS;
        var products = mat4x4<f32>();
        var dp = mat4x4<f32>();
        for (var i = 0u; i < COLUMNS; i++) {
          products += transpose(of_cache(key_at + i)) * of_queries(q_at + i);
          dp += transpose(of_cache(VALUES_AT + key_at + i)) * of_gradient(o_at + i);
        }
        for (var j = 0u; j < 4u; j++) {
          let s = score(products[j], head, keys, one_row(rows, j));
          let stat = stats[rows.inside[j] * HEADS + head];
          let p = exp(s.value - stat.x);
          value_shares[at + j] = p;
          key_shares[at + j] = p * (dp[j] - stat.y) * s.slope;
        }
      }
      workgroupBarrier();
      for (var p = 0u; p < PER_THREAD; p++) {
        let column = thread % WIDTH + p * WIDTH;
        if (slice < SLICES && column < COLUMNS) {
          for (var j = slice; j < min(TILE, count - tile); j += SLICES) {
            of_keys[p] += spread(key_shares[j], q[((tile + j) * HEADS + head) * COLUMNS + column]);
            of_values[p] += spread(value_shares[j], dout[(tile + j) * (O_STRIDE / 4u) + head * COLUMNS + column]);
          }
        }
      }
      workgroupBarrier();
    }
  }
  for (var p = 0u; p < PER_THREAD; p++) {
    let column = thread + p * WIDTH;
    for (var r = 0u; r < 4u; r++) {
      key_shares[thread] = of_keys[p][r];
      value_shares[thread] = of_values[p][r];
      workgroupBarrier();
      if (thread < WIDTH && column < COLUMNS && first_key + r <= last_key) {
        var dk = vec4<f32>();
        var dv = vec4<f32>();
        for (var i = 0u; i < SLICES; i++) {
          dk += key_shares[i * WIDTH + thread];
          dv += value_shares[i * WIDTH + thread];
        }
        let at = ((first_key + r) * (HEADS + 2u * KV_HEADS) + HEADS + kv_head) * COLUMNS + column;
        if (ADDS == 1u) {
          dk += dheads[at];
          dv += dheads[at + KV_HEADS * COLUMNS];
        }
        dheads[at] = dk;
        dheads[at + KV_HEADS * COLUMNS] = dv;
      }
      workgroupBarrier();
    }
  }
}
