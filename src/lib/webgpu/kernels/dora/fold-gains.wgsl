// g = magnitude / norm;   B = B * g;   where the magnitude lay: g - 1
@group(0) @binding(1) var<storage, read> norms: array<f32>;
@group(0) @binding(2) var<storage, read_write> pool: array<f32>;
@group(0) @binding(3) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n >= call.outputs) {
    return;
  }
  let places = places_of(call.descriptor, n);
  let gain = pool[places.gain] / norms[n];
  for (var r = places.b; r < places.b + places.width; r++) {
    pool[r] *= gain;
  }
  pool[places.gain] = gain - 1.0;
}
