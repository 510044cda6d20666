// h = n * weight, n = (s - mean(s)) * r, r = 1 / deviation(s): with g = dh * weight, ds = r * (g - mean(g) - n * mean(g * n))
// The mean is 0 in an RMS norm (CENTRED 0), and a sum that is not normed (COPY) has ds = dh.
struct Call { weight_at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dh: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> vectors: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> state: array<u32>;

const ONES = vec4<f32>(1.0);
var<workgroup> found: u32;

// Which row of dh belongs to a row of the stream, source 1 on; 0 where that row is none of the outputs.
fn place_of(row: u32, thread: u32) -> u32 {
  if (GATHER == 0u) {
    return row + 1u;
  }
  for (var i = thread; i < state[OUTPUT_COUNT]; i += THREADS) {
    if (state[OUTPUTS_AT + i] == row) {
      found = i + 1u;
    }
  }
  return workgroupUniformLoad(&found);
}

fn pass_back(at: u32, value: vec4<f32>) {
  if (ADDS == 1u) {
    dx[at] += value;
  } else {
    dx[at] = value;
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  if (row >= state[ROW_COUNT]) {
    return;
  }
  let at = row * STRIDE;
  let place = place_of(row, thread);
  let source = (max(place, 1u) - 1u) * STRIDE;
  if (place == 0u || COPY == 1u) {
    for (var i = thread; i < VECTORS; i += THREADS) {
      pass_back(at + i, select(dh[source + i], vec4<f32>(), place == 0u));
    }
    return;
  }
  var means = vec2<f32>();
  if (CENTRED == 1u) {
    for (var i = thread; i < VECTORS; i += THREADS) {
      means += vec2<f32>(dot(x[at + i], ONES), dot(dh[source + i], vectors[call.weight_at / 4u + i]));
    }
    means = over_threads(thread, means) / f32(HIDDEN);
  }
  var products = vec2<f32>();
  for (var i = thread; i < VECTORS; i += THREADS) {
    let apart = x[at + i] - means.x;
    products += vec2<f32>(dot(apart, apart), dot(apart, dh[source + i] * vectors[call.weight_at / 4u + i]));
  }
  products = over_threads(thread, products) / f32(HIDDEN);
  let r = inverseSqrt(products.x + EPS_F);
  let along = r * r * products.y;
  for (var i = thread; i < VECTORS; i += THREADS) {
    let g = dh[source + i] * vectors[call.weight_at / 4u + i];
    pass_back(at + i, r * (g - means.y - along * (x[at + i] - means.x)));
  }
}
