// dX[row, k] += sum_t sum_r u[row, t, r] * A[r, k]: a thread takes four columns of some rows
@group(0) @binding(1) var<storage, read> u: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> pool: array<pool_word>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let stride = call.groups * 8u;
  let k = id.x;
  if (k >= stride) {
    return;
  }
  let quads = state[RANK_WIDTH] / 4u;
  let last = min((id.y + 1u) * TOKENS, state[ROW_COUNT]);
  var at = id.y * TOKENS;
  while (at < last) {
    let end = same_slot_end(at, last);
    let slot = row_slot(at);
    let count = state[slot + BLEND_COUNT];
    let rows = min(at + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(end - 1u));
    var sum0 = vec4<f32>();
    var sum1 = vec4<f32>();
    var sum2 = vec4<f32>();
    var sum3 = vec4<f32>();
    for (var t = 0u; t < call.targets; t++) {
      var u_at = (rows * 3u + t) * quads;
      for (var e = 0u; e < count; e++) {
        let parts = parts_of(state[slot + BLEND + 2u * e], t);
        for (var q = 0u; q < parts.quads; q++) {
          // Behind the last rank u is 0, so any row of A will do.
          let r = vec4<u32>(parts.list) + min(4u * q + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(parts.rank - 1u));
          let a = mat4x4<f32>(
            pool4((state[r.x] >> 2u) + k),
            pool4((state[r.y] >> 2u) + k),
            pool4((state[r.z] >> 2u) + k),
            pool4((state[r.w] >> 2u) + k),
          );
          sum0 += a * u[u_at.x + q];
          sum1 += a * u[u_at.y + q];
          sum2 += a * u[u_at.z + q];
          sum3 += a * u[u_at.w + q];
        }
        u_at += parts.quads;
      }
    }
    dx[rows.x * stride + k] += sum0;
    if (at + 1u < end) { dx[rows.y * stride + k] += sum1; }
    if (at + 2u < end) { dx[rows.z * stride + k] += sum2; }
    if (at + 3u < end) { dx[rows.w * stride + k] += sum3; }
    at = end;
  }
}
