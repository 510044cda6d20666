// Weights as a file holds them (f32, f16 or bf16, row-major) to the packed planes of `matrix.ts`.
// One thread: two neighbouring rows, whose scales share a word, and one group of 32 columns.
// A quantised group keeps the candidate scale with the least squared error; which steps the greatest weight may
// map to stands in `store.ts`; groups that were quantised to 4 bits before come back exactly.
struct Call { rows: u32, columns: u32, groups: u32, first_row: u32, raw_at: u32, format: u32, fault_at: u32, first_group: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> raw: array<u32>;
@group(0) @binding(2) var<storage, read_write> weights: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> scales: array<u32>;
@group(0) @binding(4) var<storage, read_write> faults: array<atomic<u32>>;

// f32 to f16 bits, ties to even: pack2x16float may round either way, and packed weights should not depend on the device.
fn to_half(v: f32) -> u32 {
  let bits = bitcast<u32>(v);
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude >= 0x47800000u) {
    return sign | 0x7c00u;
  }
  if (magnitude < 0x38800000u) {
    // Below the least normal f16: a multiple of 2^-24, and adding 0.5 in f32 rounds to just that.
    return sign | (bitcast<u32>(bitcast<f32>(magnitude) + 0.5) - 0x3f000000u);
  }
  return sign | ((magnitude + 0xfffu + ((magnitude >> 13u) & 1u) - 0x38000000u) >> 13u);
}

fn as_f16(v: f32) -> f32 {
  return unpack2x16float(to_half(v)).x;
}

// Four neighbours of a row; zero past its end. Hardly a branch: software adapters take seconds to compile eight times as many.
fn read_four(row: u32, column: u32) -> vec4<f32> {
  let at = call.raw_at + row * call.columns + column;
  var v: vec4<f32>;
  if (call.format == 0u) {
    v = bitcast<vec4<f32>>(vec4<u32>(raw[at], raw[at + 1u], raw[at + 2u], raw[at + 3u]));
  } else {
    // Halves, two a word: the first of them may be the second of its word.
    let words = vec3<u32>(raw[at >> 1u], raw[(at >> 1u) + 1u], raw[(at >> 1u) + 2u]);
    let pairs = select(words.xy, (words.xy >> vec2<u32>(16u)) | (words.yz << vec2<u32>(16u)), (at & 1u) == 1u);
    let f16s = vec4<f32>(unpack2x16float(pairs.x), unpack2x16float(pairs.y));
    let bf16s = bitcast<vec4<f32>>(vec4<u32>(pairs.x << 16u, pairs.x & 0xffff0000u, pairs.y << 16u, pairs.y & 0xffff0000u));
    v = select(bf16s, f16s, call.format == 1u);
  }
  v = select(vec4<f32>(0.0), v, column + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(call.columns));
  let broken = (bitcast<vec4<u32>>(v) & vec4<u32>(0x7f800000u)) == vec4<u32>(0x7f800000u);
  if (any(broken)) {
    atomicAdd(&faults[call.fault_at], dot(select(vec4<u32>(0u), vec4<u32>(1u), broken), vec4<u32>(1u)));
  }
  return select(v, vec4<f32>(0.0), broken);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let group = id.x;
  let first = id.y * 2u;
  if (group * 32u >= call.columns || first >= call.rows) {
    return;
  }
  var pair = vec2<f32>(0.0);
  for (var b = 0u; b < min(2u, call.rows - first); b++) {
    let row = call.first_row + first + b;
    let tile = row / 8u * call.groups + call.first_group + group;
    pair[b] = store_group(first + b, group * 32u, tile * VECTORS * 8u + row % 8u);
  }
  if (QUANTISED == 1u) {
    let row = call.first_row + first;
    scales[((row / 8u * call.groups + call.first_group + group) * 8u + row % 8u) >> 1u] = to_half(pair.x) | (to_half(pair.y) << 16u);
  }
}
