// tokens[position of the row] = first third of y * last third of y, each with bias and adapter
struct Call { layer: u32, target_index: u32, bias_at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> tokens: array<kv_word>;
@group(0) @binding(3) var<storage, read> vectors: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> pool: array<pool_word>;
@group(0) @binding(6) var<storage, read> state: array<u32>;

fn value(row: u32, i: u32) -> vec4<f32> {
  let base = y[row * 3u * VECTORS + i];
  var v = base + adapter_delta(row, call.layer, call.target_index, 0u, 4u * i + vec4<u32>(0u, 1u, 2u, 3u), base);
  if (BIAS == 1u) {
    v += vectors[call.bias_at / 4u + i];
  }
  return v;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.y;
  let i = id.x;
  if (row >= state[ROW_COUNT] || i >= VECTORS) {
    return;
  }
  let product = value(row, i) * value(row, 2u * VECTORS + i);
  let position = row_position(row);
  let slot = state[ROWS_AT + row * ROW_WORDS + ROW_SLOT];
  let block = state[BLOCKS_AT + slot * MAX_BLOCKS + position / BLOCK_TOKENS];
  let at = 2u * ((block * BLOCK_TOKENS + position % BLOCK_TOKENS) * VECTORS + i);
  tokens[at] = kv_pack(product.xy);
  tokens[at + 1u] = kv_pack(product.zw);
}
