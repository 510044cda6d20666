// dg[n] += sum_row dY[row, n] * (blend weight * y[row, n] + (B z)[row, n] / g[n]), over the rows of one gradient
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> pool: array<pool_word>;
@group(0) @binding(5) var<storage, read_write> grads: array<f32>;
@group(0) @binding(6) var<storage, read> runs: array<u32>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let quads = state[RANK_WIDTH] / 4u;
  let n = id.x;
  let t = id.y;
  let descriptor = runs[4u * id.z];
  let parts = parts_of(descriptor, t);
  if (n >= outputs_of(t) || parts.rank == 0u || !parts.dora) {
    return;
  }
  let gain = 1.0 + pool1(state[parts.list + parts.greatest] + n);
  let inverse = select(1.0 / gain, 0.0, gain == 0.0);
  let b = b_row(pages_of(parts), parts.greatest, n);
  let first_run = runs[4u * id.z + 2u];
  let end_run = first_run + 2u * runs[4u * id.z + 3u];
  var sum = 0.0;
  for (var run = first_run; run < end_run; run += 2u) {
    let before = quads_before(row_slot(runs[run]), descriptor, t);
    let weight = applied_weight(runs[run], descriptor);
    let end = select(runs[run + 1u], 0u, before == NOT_APPLIED);
    for (var row = runs[run]; row < end; row++) {
      let z_at = (row * 3u + t) * quads + before;
      var product = 0.0;
      for (var r = 0u; r < parts.quads; r++) {
        product += dot(z[z_at + r], pool4(b + r));
      }
      let at = row * call.y_stride + call.starts[t] + n;
      sum += dy[at] * (weight * y[at] + product * inverse);
    }
  }
  let places = parts_of(runs[4u * id.z + 1u], t);
  grads[state[places.list + places.greatest] + n] += sum;
}
