// With p = softmax(s) and D = dO . O: ds = p * (dO . v - D), and dq = sum over the keys that a row sees of ds * slope * k.
// One workgroup is one head of four rows. Its threads take four keys at a time: first for the log of the softmax's sum, which stays in
// `stats` for the keys' half, then tile by tile for the weights of the keys, which threads that share the columns of a head add up.
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> kv: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> o: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> dout: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read_write> dheads: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

const TILE: u32 = 4u * THREADS;

var<workgroup> greatest_of: array<vec4<f32>, THREADS>;
var<workgroup> total_of: array<vec4<f32>, THREADS>;
var<workgroup> shares: array<vec4<f32>, TILE>;
var<workgroup> places: array<u32, TILE>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let head = group.x;
  let first_row = group.y * 4u;
  if (first_row >= state[ROW_COUNT]) {
    return;
  }
  let last_row = min(first_row + 3u, state[ROW_COUNT] - 1u);
  let rows = four_rows(first_row, last_row);
  let kv_head = head / (HEADS / KV_HEADS);
  let q_at = (rows.inside * HEADS + head) * COLUMNS;
  let o_at = rows.inside * (O_STRIDE / 4u) + head * COLUMNS;

  var greatest = LOWEST;
  var total = vec4<f32>();
  for (var key = rows.first.x + 4u * thread; key <= last_row; key += TILE) {
    let keys = four_rows(key, last_row);
    let key_at = places_of(keys.inside, kv_head);
    var products = mat4x4<f32>();
    for (var i = 0u; i < COLUMNS; i++) {
      products += transpose(of_queries(q_at + i)) * of_cache(key_at + i);
    }
    for (var j = 0u; j < 4u; j++) {
      let s = score(products[j], head, one_row(keys, j), rows).value;
      let higher = max(greatest, s);
      total = total * exp(greatest - higher) + exp(s - higher);
      greatest = higher;
    }
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
  for (var tile = rows.first.x; tile <= last_row; tile += TILE) {
    let at = 4u * thread;
    if (tile + at <= last_row) {
      let keys = four_rows(tile + at, last_row);
      let key_at = places_of(keys.inside, kv_head);
      var products = mat4x4<f32>();
      var dp = mat4x4<f32>();
      for (var i = 0u; i < COLUMNS; i++) {
        products += transpose(of_queries(q_at + i)) * of_cache(key_at + i);
        dp += transpose(of_gradient(o_at + i)) * of_cache(VALUES_AT + key_at + i);
      }
      for (var j = 0u; j < 4u; j++) {
        let s = score(products[j], head, one_row(keys, j), rows);
        shares[at + j] = exp(s.value - log_sum) * (dp[j] - d) * s.slope;
        places[at + j] = key_at[j];
      }
    }
    workgroupBarrier();
    for (var p = 0u; p < PER_THREAD; p++) {
      let column = thread % WIDTH + p * WIDTH;
      if (slice < SLICES && column < COLUMNS) {
        for (var j = slice; j < min(TILE, last_row + 1u - tile); j += SLICES) {
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
