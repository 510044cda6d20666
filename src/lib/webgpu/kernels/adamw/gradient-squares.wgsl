// squares[first + layer, entry] = sum of (scale * gradient)^2 over a page; infinity where any of them is no number
struct Call { layer: u32, first: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> table: array<u32>;
@group(0) @binding(2) var<storage, read> scales: array<f32>;
@group(0) @binding(3) var<storage, read> grads: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> squares: array<u32>;

var<workgroup> sums: array<f32, THREADS>;
var<workgroup> broken: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  if (group.x >= table[1]) {
    return;
  }
  let first = page_at(group.x).x * PAGE_VECTORS;
  var sum = 0.0;
  var is_broken = 0u;
  for (var i = first + thread; i < min(first + PAGE_VECTORS, arrayLength(&grads)); i += THREADS) {
    let scale = scales[i / SCALE_VECTORS];
    if (scale != 0.0) {
      let bits = grads[i];
      let all = is_finite(bits.x) && is_finite(bits.y) && is_finite(bits.z) && is_finite(bits.w);
      is_broken = select(1u, is_broken, all);
      let gradient = scale * bitcast<vec4<f32>>(bits);
      sum += dot(gradient, gradient);
    }
  }
  sums[thread] = sum;
  broken[thread] = is_broken;
  workgroupBarrier();
  if (thread == 0u) {
    for (var i = 1u; i < THREADS; i++) {
      sum += sums[i];
      is_broken |= broken[i];
    }
    squares[call.first + call.layer * table[1] + group.x] = select(bitcast<u32>(sum), 0x7f800000u, is_broken == 1u);
  }
}
