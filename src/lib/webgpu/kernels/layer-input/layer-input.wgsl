// h = (norm(scale * (y + adapter)) * weight + x) / sqrt(2), where x is this layer's part of a row of the table.
struct Call { layer: u32, target_index: u32, weight_at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> h: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> vectors: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> pool: array<pool_word>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

var<workgroup> partial: array<f32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  if (row >= state[ROW_COUNT]) {
    return;
  }
  var squares = 0.0;
  for (var i = thread; i < VECTORS; i += THREADS) {
    let base = y[row * VECTORS + i];
    let n = 4u * i + vec4<u32>(0u, 1u, 2u, 3u);
    let v = SCALE_F * (base + adapter_delta(row, call.layer, call.target_index, 0u, n, base));
    h[row * VECTORS + i] = v;
    squares += dot(v, v);
  }
  partial[thread] = squares;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < THREADS; i++) {
    sum += partial[i];
  }
  let inverse = inverseSqrt(sum / f32(4u * VECTORS) + EPS_F);
  for (var i = thread; i < VECTORS; i += THREADS) {
    let looked = x[row * STRIDE + call.layer * VECTORS + i];
    let normed = h[row * VECTORS + i] * inverse * vectors[call.weight_at / 4u + i];
    h[row * VECTORS + i] = (normed + looked) * HALF_VARIANCE_F;
  }
}
