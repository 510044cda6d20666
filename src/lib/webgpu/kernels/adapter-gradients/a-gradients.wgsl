// dA[r, k] += sum_row u[row, r] * x[row, k], over the rows of one gradient: a thread takes four ranks by four columns
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> u: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> grads: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> runs: array<u32>;
@group(0) @binding(5) var<storage, read> state: array<u32>;

// Whether two targets of an adapter keep their gradients of A in the same place.
fn share_a(places: u32, t: u32, other: u32) -> bool {
  return state[parts_of(places, t).list] == state[parts_of(places, other).list];
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let quads = state[RANK_WIDTH] / 4u;
  let first_target = group.y / quads;
  let s = group.y % quads;
  let descriptor = runs[4u * group.z];
  let places = runs[4u * group.z + 1u];
  if (s >= parts_of(descriptor, first_target).quads) {
    return;
  }
  for (var t = 0u; t < first_target; t++) {
    if (s < parts_of(descriptor, t).quads && share_a(places, t, first_target)) {
      return;
    }
  }
  let stride = call.groups * 8u;
  let k = group.x * (THREADS / LANES) + thread / LANES;
  let lane = thread % LANES;
  let column = min(k, stride - 1u);
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  let first_run = runs[4u * group.z + 2u];
  let end_run = first_run + 2u * runs[4u * group.z + 3u];
  for (var t = first_target; t < call.targets; t++) {
    if (s >= parts_of(descriptor, t).quads || !share_a(places, t, first_target)) {
      continue;
    }
    for (var run = first_run; run < end_run; run += 2u) {
      let before = quads_before(row_slot(runs[run]), descriptor, t);
      let end = select(runs[run + 1u], 0u, before == NOT_APPLIED);
      for (var row = runs[run] + lane; row < end; row += LANES) {
        let ranks = u[(row * 3u + t) * quads + before + s];
        let v = x[row * stride + column];
        sum0 += ranks.x * v;
        sum1 += ranks.y * v;
        sum2 += ranks.z * v;
        sum3 += ranks.w * v;
      }
    }
  }
  sum0 = over_lanes(thread, sum0);
  sum1 = over_lanes(thread, sum1);
  sum2 = over_lanes(thread, sum2);
  sum3 = over_lanes(thread, sum3);
  if (lane != 0u || k >= stride) {
    return;
  }
  let rank = parts_of(descriptor, first_target).rank;
  let list = parts_of(places, first_target).list + 4u * s;
  grads[(state[list] >> 2u) + k] += sum0;
  if (4u * s + 1u < rank) { grads[(state[list + 1u] >> 2u) + k] += sum1; }
  if (4u * s + 2u < rank) { grads[(state[list + 2u] >> 2u) + k] += sum2; }
  if (4u * s + 3u < rank) { grads[(state[list + 3u] >> 2u) + k] += sum3; }
}
