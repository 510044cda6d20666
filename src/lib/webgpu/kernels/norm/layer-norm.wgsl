// x += residual * (branch + bias + adapter);   h = (s - mean(s)) / deviation(s) * weight + norm bias
// s is that sum, or what x was before it: then two blocks read the same stream side by side (BESIDE). Norm biases follow the weights.
fn branch_at(row: u32, i: u32) -> vec4<f32> {
  var branch = y[row * STRIDE + i];
  branch += adapter_delta(row, call.layer, call.target_index, 0u, 4u * i + vec4<u32>(0u, 1u, 2u, 3u), branch);
  if (BIAS == 1u) {
    branch += vectors[call.bias_at / 4u + i];
  }
  return RESIDUAL_F * branch;
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
  var sum = 0.0;
  for (var i = thread; i < VECTORS; i += THREADS) {
    var value = x[at + i];
    if (BRANCH == 1u && BESIDE == 0u) {
      value += branch_at(row, i);
      x[at + i] = value;
    }
    sum += dot(value, vec4<f32>(1.0));
  }
  let mean = over_threads(thread, sum) / f32(HIDDEN);
  var squares = 0.0;
  for (var i = thread; i < VECTORS; i += THREADS) {
    let apart = x[at + i] - mean;
    squares += dot(apart, apart);
  }
  let inverse = inverseSqrt(over_threads(thread, squares) / f32(HIDDEN) + EPS_F);
  for (var i = thread; i < VECTORS; i += THREADS) {
    let value = x[at + i];
    h[out + i] = (value - mean) * inverse * vectors[call.weight_at / 4u + i] + vectors[call.weight_at / 4u + VECTORS + i];
    if (BRANCH == 1u && BESIDE == 1u) {
      x[at + i] = value + branch_at(row, i);
    }
  }
}
