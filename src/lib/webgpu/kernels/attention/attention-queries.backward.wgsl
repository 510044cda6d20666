// With p = softmax(s) and D = dO . O: ds = p * (dO . v - D), and dq = sum over the keys that a row sees of ds * slope * k.
// One workgroup is one head of four rows. Its threads share the keys: first for the log of the softmax's sum, which stays in `stats` for
// the keys' half, then tile by tile for the weights of the keys, which threads that share the columns of a head add up.
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> kv: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> o: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> dout: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read_write> dheads: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

const LOWEST = vec4<f32>(-3.0e38);

var<workgroup> greatest_of: array<vec4<f32>, THREADS>;
var<workgroup> total_of: array<vec4<f32>, THREADS>;
var<workgroup> shares: array<vec4<f32>, THREADS>;
var<workgroup> places: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let head = group.x;
  let first_row = group.y * 4u;
  if (first_row >= state[ROW_COUNT]) {
    return;
  }
  // Rows past the last are computed as the last and not written.
  let last_row = min(first_row + 3u, state[ROW_COUNT] - 1u);
  let rows = min(first_row + FOUR, vec4<u32>(last_row));
  let position = positions(rows);
  let firsts = vec4<u32>(first_seen(rows.x), first_seen(rows.y), first_seen(rows.z), first_seen(rows.w));
  let kv_head = head / (HEADS / KV_HEADS);
  let q_at = (rows * HEADS + head) * COLUMNS;
  let o_at = rows * (O_STRIDE / 4u) + head * COLUMNS;

  var greatest = LOWEST;
  var total = vec4<f32>();
  for (var key = firsts.x + thread; key <= last_row; key += THREADS) {
    let key_at = place(key, kv_head);
    var products = vec4<f32>();
    for (var i = 0u; i < COLUMNS; i++) {
      let k = kv[key_at + i];
      products += vec4<f32>(dot(q[q_at.x + i], k), dot(q[q_at.y + i], k), dot(q[q_at.z + i], k), dot(q[q_at.w + i], k));
    }
    let seen = (vec4<u32>(key) >= firsts) & (vec4<u32>(key) <= rows);
    let s = select(LOWEST, score(products, head, vec4<u32>(row_position(key)), position).value, seen);
    let higher = max(greatest, s);
    total = total * exp(greatest - higher) + select(vec4<f32>(), exp(s - higher), seen);
    greatest = higher;
  }
  var share = vec4<f32>();
  for (var i = thread; i < COLUMNS; i += THREADS) {
    share += vec4<f32>(
      dot(o[o_at.x + i], dout[o_at.x + i]),
      dot(o[o_at.y + i], dout[o_at.y + i]),
      dot(o[o_at.z + i], dout[o_at.z + i]),
      dot(o[o_at.w + i], dout[o_at.w + i]),
    );
  }
  greatest_of[thread] = greatest;
  shares[thread] = share;
  workgroupBarrier();
  var greatest_of_all = LOWEST;
  var d = vec4<f32>();
  for (var i = 0u; i < THREADS; i++) {
    greatest_of_all = max(greatest_of_all, greatest_of[i]);
    d += shares[i];
  }
  total_of[thread] = total * exp(greatest - greatest_of_all);
  workgroupBarrier();
  total = vec4<f32>();
  for (var i = 0u; i < THREADS; i++) {
    total += total_of[i];
  }
  let log_sum = greatest_of_all + log(total);
  if (thread < 4u && first_row + thread <= last_row) {
    stats[(first_row + thread) * HEADS + head] = vec2<f32>(log_sum[thread], d[thread]);
  }

  let slice = thread / WIDTH;
  var sums: array<mat4x4<f32>, PER_THREAD>;
  for (var tile = firsts.x; tile <= last_row; tile += THREADS) {
    let key = tile + thread;
    if (key <= last_row) {
      let key_at = place(key, kv_head);
      var products = vec4<f32>();
      var dp = vec4<f32>();
      for (var i = 0u; i < COLUMNS; i++) {
        let k = kv[key_at + i];
        let v = kv[VALUES_AT + key_at + i];
        products += vec4<f32>(dot(q[q_at.x + i], k), dot(q[q_at.y + i], k), dot(q[q_at.z + i], k), dot(q[q_at.w + i], k));
        dp += vec4<f32>(
          dot(dout[o_at.x + i], v),
          dot(dout[o_at.y + i], v),
          dot(dout[o_at.z + i], v),
          dot(dout[o_at.w + i], v),
        );
      }
      let seen = (vec4<u32>(key) >= firsts) & (vec4<u32>(key) <= rows);
      let s = score(products, head, vec4<u32>(row_position(key)), position);
      places[thread] = key_at;
      shares[thread] = select(vec4<f32>(), exp(s.value - log_sum), seen) * (dp - d) * s.slope;
    }
    workgroupBarrier();
    for (var p = 0u; p < PER_THREAD; p++) {
      let column = thread % WIDTH + p * WIDTH;
      if (slice < SLICES && column < COLUMNS) {
        for (var j = slice; j < min(THREADS, last_row + 1u - tile); j += SLICES) {
          sums[p] += spread(shares[j], kv[places[j] + column]);
        }
      }
    }
    workgroupBarrier();
  }
  for (var p = 0u; p < PER_THREAD; p++) {
    let column = thread + p * WIDTH;
    for (var r = 0u; r < 4u; r++) {
      shares[thread] = sums[p][r];
      workgroupBarrier();
      if (thread < WIDTH && column < COLUMNS && first_row + r <= last_row) {
        var sum = vec4<f32>();
        for (var i = 0u; i < SLICES; i++) {
          sum += shares[i * WIDTH + thread];
        }
        dheads[((first_row + r) * (HEADS + 2u * KV_HEADS) + head) * COLUMNS + column] = sum;
      }
      workgroupBarrier();
    }
  }
}
