// x += residual * post(branch + bias + adapter);   h = x / rms(x) * weight
// `post` is the identity, or branch / rms(branch) * post weight where the family norms a branch's output.
struct Call { layer: u32, target_index: u32, weight_at: u32, post_at: u32, bias_at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> h: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> vectors: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> pool: array<pool_word>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

var<workgroup> partial: array<f32, THREADS>;

// Few threads: one barrier and a short loop in each, since software adapters pay for barriers. Many: bands of 16 first.
fn sum_over_threads(thread: u32, value: f32) -> f32 {
  partial[thread] = value;
  workgroupBarrier();
  var total = 0.0;
  if (THREADS > 64u) {
    var band = 0.0;
    if (thread < THREADS / 16u) {
      for (var i = 0u; i < 16u; i++) {
        band += partial[thread * 16u + i];
      }
    }
    workgroupBarrier();
    if (thread < THREADS / 16u) {
      partial[thread] = band;
    }
    workgroupBarrier();
    for (var i = 0u; i < THREADS / 16u; i++) {
      total += partial[i];
    }
  } else {
    for (var i = 0u; i < THREADS; i++) {
      total += partial[i];
    }
  }
  workgroupBarrier();
  return total;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  var row = group.x;
  if (row >= state[select(ROW_COUNT, OUTPUT_COUNT, GATHER == 1u)]) {
    return;
  }
  let out = row * STRIDE;
  if (GATHER == 1u) {
    row = state[OUTPUTS_AT + row];
  }
  let at = row * STRIDE;
  var squares = 0.0;
  for (var i = thread; i < VECTORS; i += THREADS) {
    var value = x[at + i];
    if (BRANCH == 1u) {
      var branch = y[at + i];
      branch += adapter_delta(row, call.layer, call.target_index, 0u, 4u * i + vec4<u32>(0u, 1u, 2u, 3u), branch);
      if (BIAS == 1u) {
        branch += vectors[call.bias_at / 4u + i];
      }
      if (POST == 1u) {
        h[out + i] = branch;
        squares += dot(branch, branch);
        continue;
      }
      value += RESIDUAL_F * branch;
      x[at + i] = value;
    }
    squares += dot(value, value);
  }
  if (POST == 1u) {
    let inverse = inverseSqrt(sum_over_threads(thread, squares) / f32(HIDDEN) + EPS_F);
    squares = 0.0;
    for (var i = thread; i < VECTORS; i += THREADS) {
      let value = x[at + i] + RESIDUAL_F * (h[out + i] * inverse * vectors[call.post_at / 4u + i]);
      x[at + i] = value;
      squares += dot(value, value);
    }
  }
  let inverse = inverseSqrt(sum_over_threads(thread, squares) / f32(HIDDEN) + EPS_F);
  for (var i = thread; i < VECTORS; i += THREADS) {
    h[out + i] = x[at + i] * inverse * vectors[call.weight_at / 4u + i];
  }
}
