// sums[adapter] += sum over its targets of weight * loss
struct Call { count: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read> losses: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < call.count; i += THREADS) {
    let aim = i * TARGET_WORDS;
    if (targets[aim + TARGET_ADAPTER] == group.x) {
      sum += bitcast<f32>(targets[aim + TARGET_WEIGHT]) * losses[i];
    }
  }
  sum = over_threads(thread, sum);
  if (thread == 0u) {
    sums[group.x] += sum;
  }
}
