// dB = dB * g;   where the gradient of g - 1 lay: dmagnitude = dg / norm. For each of the places where gradients of the adapter lie.
@group(0) @binding(1) var<storage, read> places: array<u32>;
@group(0) @binding(2) var<storage, read> norms: array<f32>;
@group(0) @binding(3) var<storage, read> pool: array<f32>;
@group(0) @binding(4) var<storage, read_write> grads: array<f32>;
@group(0) @binding(5) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n >= call.outputs) {
    return;
  }
  let gain = 1.0 + pool[places_of(call.descriptor, n).gain];
  let at = places_of(places[id.y], n);
  for (var r = at.b; r < at.b + at.width; r++) {
    grads[r] *= gain;
  }
  grads[at.gain] /= norms[n];
}
