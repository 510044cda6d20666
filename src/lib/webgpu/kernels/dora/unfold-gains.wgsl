// B = B / g, dB = dB * g;   where g - 1 lay: magnitude = g * norm, and its gradient dg / norm
@group(0) @binding(1) var<storage, read> norms: array<f32>;
@group(0) @binding(2) var<storage, read_write> pool: array<f32>;
@group(0) @binding(3) var<storage, read_write> grads: array<f32>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n >= call.outputs) {
    return;
  }
  let places = places_of(n);
  let gain = 1.0 + pool[places.gain];
  for (var r = places.b; r < places.b + places.width; r++) {
    pool[r] = select(pool[r] / gain, 0.0, gain == 0.0);
    grads[r] *= gain;
  }
  pool[places.gain] = gain * norms[n];
  grads[places.gain] /= norms[n];
}
