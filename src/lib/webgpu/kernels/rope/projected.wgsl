// What a row's projections hold, bias and adapters added, and which of their elements rotate together.
struct Call { layer: u32, first_target: u32, bias_at: u32, q_norm_at: u32, k_norm_at: u32 }

fn pair_of(i: u32, part: u32) -> vec2<u32> {
  if (part < 2u && HALF == 1u && i < ROPE_DIM / 2u) {
    return vec2<u32>(i, i + ROPE_DIM / 2u);
  }
  return vec2<u32>(2u * i, 2u * i + 1u);
}

fn values(row: u32, of_part: u32, of_head: u32, n: vec4<u32>) -> vec4<f32> {
  let tied = TIED == 1u && of_part == 2u;
  let part = select(of_part, 1u, tied);
  let head = select(of_head, of_head - KV_HEADS, tied);
  let at = row * Y_STRIDE + head * HEAD_DIM;
  let base = vec4<f32>(y[at + n.x], y[at + n.y], y[at + n.z], y[at + n.w]);
  let first = select(select(HEADS + KV_HEADS, HEADS, part == 1u), 0u, part == 0u);
  var v = base + adapter_delta(row, call.layer, call.first_target + part, part, (head - first) * HEAD_DIM + n, base);
  if (BIAS == 1u) {
    let b = call.bias_at + head * HEAD_DIM;
    v += vec4<f32>(vectors[b + n.x], vectors[b + n.y], vectors[b + n.z], vectors[b + n.w]);
  }
  return v;
}

// Where the weights of the norm of a head of q or k begin.
fn norm_at(part: u32, head: u32) -> u32 {
  let first = select(HEADS, 0u, part == 0u);
  return select(call.k_norm_at, call.q_norm_at, part == 0u) + select(0u, (head - first) * HEAD_DIM, WHOLE_NORM == 1u);
}
