// q of a row and head: the output with its adapter; the last ROPE_DIM elements are rotated in neighbouring pairs.
struct Call { layer: u32, target_index: u32, stride: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> q: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> angles: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> pool: array<pool_word>;
@group(0) @binding(6) var<storage, read> state: array<u32>;

fn rotated(pair: vec2<f32>, position: u32, i: u32) -> vec2<f32> {
  let angle = angles[position * (ROPE_DIM / 2u) + i];
  return vec2<f32>(pair.x * angle.x - pair.y * angle.y, pair.y * angle.x + pair.x * angle.y);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  let i = id.x;
  if (row >= state[ROW_COUNT] || i >= HEADS * HEAD_DIM / 4u) {
    return;
  }
  let base = y[row * call.stride / 4u + i];
  var v = base + adapter_delta(row, call.layer, call.target_index, 0u, 4u * i + vec4<u32>(0u, 1u, 2u, 3u), base);
  let n = 4u * i % HEAD_DIM;
  if (n >= HEAD_DIM - ROPE_DIM) {
    let pair = (n - (HEAD_DIM - ROPE_DIM)) / 2u;
    let position = row_position(row);
    v = vec4<f32>(rotated(v.xy, position, pair), rotated(v.zw, position, pair + 1u));
  }
  q[row * (HEADS * HEAD_DIM / 4u) + i] = v;
}
