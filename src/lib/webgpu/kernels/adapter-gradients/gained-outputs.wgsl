// dY[row, n] *= 1 + sum over the blend of weight * (gain[n] - 1)
@group(0) @binding(1) var<storage, read_write> dy: array<f32>;
@group(0) @binding(2) var<storage, read> pool: array<pool_word>;
@group(0) @binding(3) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  let t = id.y;
  if (n >= outputs_of(t) || id.z >= state[ROW_COUNT]) {
    return;
  }
  let slot = row_slot(id.z);
  let count = state[slot + BLEND_COUNT];
  var factor = 1.0;
  for (var e = 0u; e < count; e++) {
    let parts = parts_of(state[slot + BLEND + 2u * e], t);
    if (parts.rank > 0u && parts.dora) {
      factor += bitcast<f32>(state[slot + BLEND + 2u * e + 1u]) * pool1(state[parts.list + parts.greatest] + n);
    }
  }
  dy[id.z * call.y_stride + call.starts[t] + n] *= factor;
}
