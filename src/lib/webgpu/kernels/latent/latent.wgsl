// h[row, :] = RMS norm of `width` outputs of a stack, each with its adapter; tail[row, :] = the outputs behind them, not normed
struct Call { layer: u32, target_index: u32, z_target: u32, first: u32, stride: u32, weight_at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> h: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> tail: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> vectors: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> pool: array<pool_word>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

var<workgroup> partial: array<f32, THREADS>;

fn value(row: u32, i: u32) -> vec4<f32> {
  let base = y[(row * call.stride + call.first) / 4u + i];
  return base + adapter_delta(row, call.layer, call.target_index, call.z_target, 4u * i + vec4<u32>(0u, 1u, 2u, 3u), base);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  if (row >= state[ROW_COUNT]) {
    return;
  }
  var squares = 0.0;
  for (var i = thread; i < VECTORS; i += THREADS) {
    let v = value(row, i);
    h[row * STRIDE + i] = v;
    squares += dot(v, v);
  }
  for (var i = thread; i < TAIL_VECTORS; i += THREADS) {
    tail[row * TAIL_VECTORS + i] = value(row, VECTORS + i);
  }
  partial[thread] = squares;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = 0u; i < THREADS; i++) {
    sum += partial[i];
  }
  let inverse = inverseSqrt(sum / f32(4u * VECTORS) + EPS_F);
  for (var i = thread; i < VECTORS; i += THREADS) {
    h[row * STRIDE + i] *= inverse * vectors[call.weight_at / 4u + i];
  }
}
