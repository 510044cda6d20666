// o = (middle third of y, with bias and adapter) * sum over the last SPAN tokens of weight * what the cache holds of the token
struct Call { layer: u32, target_index: u32, bias_at: u32, weight_at: u32, convolution_bias_at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> tokens: array<kv_word>;
@group(0) @binding(3) var<storage, read_write> o: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> vectors: array<f32>;
@group(0) @binding(5) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> pool: array<pool_word>;
@group(0) @binding(7) var<storage, read> state: array<u32>;

fn four(at: u32) -> vec4<f32> {
  return vec4<f32>(vectors[at], vectors[at + 1u], vectors[at + 2u], vectors[at + 3u]);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  let i = id.x;
  if (row >= state[ROW_COUNT] || i >= VECTORS) {
    return;
  }
  let position = row_position(row);
  let slot = state[ROWS_AT + row * ROW_WORDS + ROW_SLOT];
  var sum = vec4<f32>();
  if (BIAS == 1u) {
    sum = four(call.convolution_bias_at + 4u * i);
  }
  for (var j = SPAN - 1u - min(SPAN - 1u, position); j < SPAN; j++) {
    let token = position + j - (SPAN - 1u);
    let block = state[BLOCKS_AT + slot * MAX_BLOCKS + token / BLOCK_TOKENS];
    let at = 2u * ((block * BLOCK_TOKENS + token % BLOCK_TOKENS) * VECTORS + i);
    let w = call.weight_at + 4u * i * SPAN + j;
    let weight = vec4<f32>(vectors[w], vectors[w + SPAN], vectors[w + 2u * SPAN], vectors[w + 3u * SPAN]);
    sum += weight * vec4<f32>(kv_unpack(tokens[at]), kv_unpack(tokens[at + 1u]));
  }
  let base = y[(row * 3u + 1u) * VECTORS + i];
  let n = 4u * (VECTORS + i) + vec4<u32>(0u, 1u, 2u, 3u);
  var gate = base + adapter_delta(row, call.layer, call.target_index, 0u, n, base);
  if (BIAS == 1u) {
    gate += four(call.bias_at + 4u * (VECTORS + i));
  }
  o[row * STRIDE + i] = gate * sum;
}
