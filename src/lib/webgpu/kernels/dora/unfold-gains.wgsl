// B = B / g;   where g - 1 lay: magnitude = g * norm
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
  let gain = 1.0 + pool[places.gain];
  for (var r = places.b; r < places.b + places.width; r++) {
    pool[r] = select(pool[r] / gain, 0.0, gain == 0.0);
  }
  pool[places.gain] = gain * norms[n];
}
