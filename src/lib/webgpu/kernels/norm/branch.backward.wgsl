// s = scale * (x + residual * post(b)), b = branch + bias + adapter: db = residual * scale * ds, and ds becomes dx = scale * ds
// `post` is the identity, or b * r * weight with r = 1 / rms(b): then with g = db * weight, db = r * (g - b * r * r * mean(g * b)).
struct Call { layer: u32, target_index: u32, weight_at: u32, post_at: u32, bias_at: u32, scale_at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dy: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> vectors: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> pool: array<pool_word>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  if (row >= state[ROW_COUNT]) {
    return;
  }
  let at = row * STRIDE;
  var products = vec2<f32>();
  for (var i = thread; i < VECTORS; i += THREADS) {
    var ds = dx[at + i];
    if (SCALE == 1u) {
      ds *= vectors[call.scale_at / 4u].x;
      dx[at + i] = ds;
    }
    if (POST == 0u) {
      dy[at + i] = RESIDUAL_F * ds;
      continue;
    }
    var b = y[at + i];
    b += adapter_delta(row, call.layer, call.target_index, 0u, 4u * i + vec4<u32>(0u, 1u, 2u, 3u), b);
    if (BIAS == 1u) {
      b += vectors[call.bias_at / 4u + i];
    }
    // The same thread reads it again after the sums.
    dy[at + i] = b;
    products += vec2<f32>(dot(b, b), dot(b, RESIDUAL_F * ds * vectors[call.post_at / 4u + i]));
  }
  if (POST == 0u) {
    return;
  }
  products = over_threads(thread, products) / f32(HIDDEN);
  let r = inverseSqrt(products.x + EPS_F);
  for (var i = thread; i < VECTORS; i += THREADS) {
    let g = RESIDUAL_F * dx[at + i] * vectors[call.post_at / 4u + i];
    dy[at + i] = r * (g - r * r * products.y * dy[at + i]);
  }
}
