// What both kinds of norm share: the call, the buffers, and a sum over the threads of a row.
struct Call { layer: u32, target_index: u32, weight_at: u32, post_at: u32, bias_at: u32, scale_at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> h: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> vectors: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> pool: array<pool_word>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

var<workgroup> partial: array<f32, THREADS>;

// Few threads: one barrier and a short loop in each, since software adapters pay for barriers. Many: bands of 16 first.
fn sum_over_threads(thread: u32, value: f32) -> f32 {
  partial[thread] = value;
  workgroupBarrier();
  var total = 0.0;
  if (THREADS > 64u) {
    var band = 0.0;
    if (thread < THREADS / 16u) {
      for (var i = 0u; i < 16u; i++) {
        band += partial[thread * 16u + i];
      }
    }
    workgroupBarrier();
    if (thread < THREADS / 16u) {
      partial[thread] = band;
    }
    workgroupBarrier();
    for (var i = 0u; i < THREADS / 16u; i++) {
      total += partial[i];
    }
  } else {
    for (var i = 0u; i < THREADS; i++) {
      total += partial[i];
    }
  }
  workgroupBarrier();
  return total;
}
