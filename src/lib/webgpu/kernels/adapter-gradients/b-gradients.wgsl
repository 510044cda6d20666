// dB[n, r] += sum_row dY[row, n] * z[row, r], over the rows of one gradient: a thread takes four outputs by four ranks
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> grads: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> runs: array<u32>;
@group(0) @binding(5) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let quads = state[RANK_WIDTH] / 4u;
  let t = group.y / quads;
  let s = group.y % quads;
  let descriptor = runs[4u * group.z];
  if (s >= parts_of(descriptor, t).quads) {
    return;
  }
  let n = 4u * (group.x * (THREADS / LANES) + thread / LANES);
  let lane = thread % LANES;
  let outputs = outputs_of(t);
  // Outputs behind the last repeat it; they are not written.
  let four = call.starts[t] + min(n + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(outputs - 1u));
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  let first_run = runs[4u * group.z + 2u];
  let end_run = first_run + 2u * runs[4u * group.z + 3u];
  for (var run = first_run; run < end_run; run += 2u) {
    let before = quads_before(row_slot(runs[run]), descriptor, t);
    let end = select(runs[run + 1u], 0u, before == NOT_APPLIED);
    for (var row = runs[run] + lane; row < end; row += LANES) {
      let ranks = z[(row * 3u + t) * quads + before + s];
      let at = row * call.y_stride + four;
      sum0 += dy[at.x] * ranks;
      sum1 += dy[at.y] * ranks;
      sum2 += dy[at.z] * ranks;
      sum3 += dy[at.w] * ranks;
    }
  }
  sum0 = over_lanes(thread, sum0);
  sum1 = over_lanes(thread, sum1);
  sum2 = over_lanes(thread, sum2);
  sum3 = over_lanes(thread, sum3);
  if (lane != 0u || n >= outputs) {
    return;
  }
  let places = parts_of(runs[4u * group.z + 1u], t);
  let width = (places.greatest + 3u) / 4u;
  let at = b_row(pages_of(places), places.greatest, n) + s;
  grads[at] += sum0;
  if (n + 1u < outputs) { grads[at + width] += sum1; }
  if (n + 2u < outputs) { grads[at + 2u * width] += sum2; }
  if (n + 3u < outputs) { grads[at + 3u * width] += sum3; }
}
