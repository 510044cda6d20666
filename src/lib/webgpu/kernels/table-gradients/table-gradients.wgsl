// dW[n, k] += sum over t of dY[t, n] * x[t, k], t over the step's outputs or its rows to which one adapter is applied: a thread takes four
// rows of W by four columns
struct Call { rows: u32, vectors: u32, y_stride: u32, descriptor: u32, of_outputs: u32 }
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

@compute @workgroup_size(THREADS)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let k = id.x;
  let n = 4u * id.y;
  if (k >= call.vectors || n >= call.rows) {
    return;
  }
  // Rows behind the last repeat it; they are not written.
  let four = min(n + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(call.rows - 1u));
  var sum0 = vec4<f32>();
  var sum1 = vec4<f32>();
  var sum2 = vec4<f32>();
  var sum3 = vec4<f32>();
  let count = state[select(ROW_COUNT, OUTPUT_COUNT, call.of_outputs == 1u)];
  for (var t = 0u; t < count; t++) {
    var row = t;
    if (call.of_outputs == 1u) {
      row = state[OUTPUTS_AT + t];
    }
    if (applied_weight(row, call.descriptor) == 0.0) {
      continue;
    }
    let v = x[t * call.vectors + k];
    let dy_at = t * call.y_stride + four;
    sum0 += dy[dy_at.x] * v;
    sum1 += dy[dy_at.y] * v;
    sum2 += dy[dy_at.z] * v;
    sum3 += dy[dy_at.w] * v;
  }
  // A tile has all four.
  let at = (n / TILE * call.vectors + k) * TILE + n % TILE;
  sums[at] += sum0;
  if (n + 1u < call.rows) { sums[at + 1u] += sum1; }
  if (n + 2u < call.rows) { sums[at + 2u] += sum2; }
  if (n + 3u < call.rows) { sums[at + 3u] += sum3; }
}
