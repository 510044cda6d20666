// dk = sum over the rows that see a key, and the heads that share it, of ds * slope * q, and dv of p * dO, with p and ds as in the
// queries' half. One workgroup is one head of four keys: its threads share the rows, tile by tile, for the weights, which threads that
// share the columns of a head add up.
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> kv: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> dout: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> stats: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read_write> dheads: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> state: array<u32>;

var<workgroup> key_shares: array<vec4<f32>, THREADS>;
var<workgroup> value_shares: array<vec4<f32>, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let kv_head = group.x;
  let first_key = group.y * 4u;
  let count = state[ROW_COUNT];
  if (first_key >= count) {
    return;
  }
  // Keys past the last are computed as the last and not written.
  let last_key = min(first_key + 3u, count - 1u);
  let keys = min(first_key + FOUR, vec4<u32>(last_key));
  let key_positions = positions(keys);
  let key_at = vec4<u32>(place(keys.x, kv_head), place(keys.y, kv_head), place(keys.z, kv_head), place(keys.w, kv_head));
  let value_at = VALUES_AT + key_at;
  let slice = thread / WIDTH;
  var of_keys: array<mat4x4<f32>, PER_THREAD>;
  var of_values: array<mat4x4<f32>, PER_THREAD>;
  for (var head = kv_head * (HEADS / KV_HEADS); head < (kv_head + 1u) * (HEADS / KV_HEADS); head++) {
    for (var tile = first_key; tile < count; tile += THREADS) {
      // Later rows see none of these keys either.
      if (first_seen(tile) > last_key) {
        break;
      }
      let row = tile + thread;
      if (row < count) {
        let q_at = (row * HEADS + head) * COLUMNS;
        let o_at = row * (O_STRIDE / 4u) + head * COLUMNS;
        var products = vec4<f32>();
        var dp = vec4<f32>();
        for (var i = 0u; i < COLUMNS; i++) {
          let query = q[q_at + i];
          let given = dout[o_at + i];
          products += vec4<f32>(
            dot(kv[key_at.x + i], query),
            dot(kv[key_at.y + i], query),
            dot(kv[key_at.z + i], query),
            dot(kv[key_at.w + i], query),
          );
          dp += vec4<f32>(
            dot(kv[value_at.x + i], given),
            dot(kv[value_at.y + i], given),
            dot(kv[value_at.z + i], given),
            dot(kv[value_at.w + i], given),
          );
        }
        let seen = (keys >= vec4<u32>(first_seen(row))) & (keys <= vec4<u32>(row));
        let s = score(products, head, key_positions, vec4<u32>(row_position(row)));
        let stat = stats[row * HEADS + head];
        let p = select(vec4<f32>(), exp(s.value - stat.x), seen);
        value_shares[thread] = p;
        key_shares[thread] = p * (dp - stat.y) * s.slope;
      }
      workgroupBarrier();
      for (var p = 0u; p < PER_THREAD; p++) {
        let column = thread % WIDTH + p * WIDTH;
        if (slice < SLICES && column < COLUMNS) {
          for (var j = slice; j < min(THREADS, count - tile); j += SLICES) {
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
        dheads[at] = dk;
        dheads[at + KV_HEADS * COLUMNS] = dv;
      }
      workgroupBarrier();
    }
  }
}
