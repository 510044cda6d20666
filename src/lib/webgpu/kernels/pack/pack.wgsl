// Weights as a file holds them (f32, f16 or bf16, row-major) to the packed planes of `matrix.ts`.
// One thread: two neighbouring rows, whose scales share a word, and one group of 32 columns.
// A quantised group keeps the candidate scale with the least squared error; the greatest weight in magnitude maps to
// -8, -7 or 7 (q4) or to 127 (q8), so groups that were quantised before come back exactly.
struct Call { rows: u32, columns: u32, groups: u32, first_row: u32, raw_at: u32, format: u32, fault_at: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> raw: array<u32>;
@group(0) @binding(2) var<storage, read_write> weights: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> scales: array<u32>;
@group(0) @binding(4) var<storage, read_write> faults: array<atomic<u32>>;

var<private> group_values: array<f32, 32>;

fn read_raw(i: u32) -> f32 {
  if (call.format == 0u) {
    return bitcast<f32>(raw[i]);
  }
  let half = (raw[i >> 1u] >> (16u * (i & 1u))) & 0xffffu;
  if (call.format == 1u) {
    return unpack2x16float(half).x;
  }
  return bitcast<f32>(half << 16u);
}

fn quantise(scale: f32, i: u32, low: f32, high: f32) -> f32 {
  return clamp(round(group_values[i] / scale), low, high);
}

fn squared_error(scale: f32, low: f32, high: f32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < 32u; i++) {
    let rest = group_values[i] - scale * quantise(scale, i, low, high);
    sum += rest * rest;
  }
  return sum;
}

fn as_f16(v: f32) -> f32 {
  return unpack2x16float(pack2x16float(vec2<f32>(v, 0.0))).x;
}

// Fills `group_values`; zero past the edge of the matrix.
fn load_group(row: u32, group: u32) {
  for (var i = 0u; i < 32u; i++) {
    let column = group * 32u + i;
    var v = 0.0;
    if (column < call.columns) {
      v = read_raw(call.raw_at + row * call.columns + column);
      if ((bitcast<u32>(v) & 0x7f800000u) == 0x7f800000u) {
        atomicAdd(&faults[call.fault_at], 1u);
        v = 0.0;
      }
    }
    group_values[i] = v;
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let group = id.x;
  let first = id.y * 2u;
  if (group >= call.groups || first >= call.rows) {
    return;
  }
  var pair = vec2<f32>(0.0);
  for (var b = 0u; b < min(2u, call.rows - first); b++) {
    load_group(first + b, group);
    let row = call.first_row + first + b;
    let tile = row / 8u * call.groups + group;
    pair[b] = store_group(tile * VECTORS * 8u + row % 8u);
  }
  if (QUANTISED == 1u) {
    let row = call.first_row + first;
    scales[((row / 8u * call.groups + group) * 8u + row % 8u) >> 1u] = pack2x16float(pair);
  }
}
