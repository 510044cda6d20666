// x += residual * post(branch + bias + adapter);   h = x / rms(x) * weight
// `post` is the identity, or branch / rms(branch) * post weight where the family norms a branch's output.
// SCALE: x is then multiplied by a number of the vectors.   COPY: the sum is not normed, h = x.
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
      if (SCALE == 1u) {
        value *= vectors[call.scale_at / 4u].x;
      }
      x[at + i] = value;
    }
    squares += dot(value, value);
  }
  if (POST == 1u) {
    let inverse = inverseSqrt(over_threads(thread, squares) / f32(HIDDEN) + EPS_F);
    squares = 0.0;
    for (var i = thread; i < VECTORS; i += THREADS) {
      var value = x[at + i] + RESIDUAL_F * (h[out + i] * inverse * vectors[call.post_at / 4u + i]);
      if (SCALE == 1u) {
        value *= vectors[call.scale_at / 4u].x;
      }
      x[at + i] = value;
      squares += dot(value, value);
    }
  }
  if (COPY == 1u) {
    for (var i = thread; i < VECTORS; i += THREADS) {
      h[out + i] = x[at + i];
    }
    return;
  }
  let inverse = inverseSqrt(over_threads(thread, squares) / f32(HIDDEN) + EPS_F);
  for (var i = thread; i < VECTORS; i += THREADS) {
    h[out + i] = x[at + i] * inverse * vectors[call.weight_at / 4u + i];
  }
}
