// norms[n] = || W[n, :] + sum_r B[n, r] A[r, :] ||, the row norms DoRA divides by (arXiv 2402.09353, eq. 5)
struct Call { rows: u32, groups: u32, matrix_row: u32, first_row: u32, layer: u32, target_index: u32, descriptor: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> weights: array<plane>;
@group(0) @binding(2) var<storage, read> scales: array<u32>;
@group(0) @binding(3) var<storage, read> pool: array<pool_word>;
@group(0) @binding(4) var<storage, read> state: array<u32>;
@group(0) @binding(5) var<storage, read_write> norms: array<f32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n >= call.rows) {
    return;
  }
  let descriptor = ADAPTERS_AT + call.descriptor;
  let rank = state[descriptor + DESCRIPTOR_RANKS + call.layer * TARGETS + call.target_index] & 0xffffu;
  let list = descriptor + state[descriptor + 2u * call.target_index];
  let greatest = state[descriptor + 2u * call.target_index + 1u];
  let b = 4u * b_row(list + greatest + 1u, greatest, call.first_row + n);
  var squares = 0.0;
  for (var k = 0u; k < call.groups * 8u; k++) {
    var w = weight4(call.matrix_row + n, call.groups, k);
    for (var r = 0u; r < rank; r++) {
      w += pool1(b + r) * pool4((state[list + r] >> 2u) + k);
    }
    squares += dot(w, w);
  }
  norms[call.first_row + n] = sqrt(squares);
}
