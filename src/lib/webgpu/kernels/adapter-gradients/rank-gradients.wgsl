// u[row, t, r] = blend weight * sum_n dY[row, n] * B[n, r]
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> pool: array<pool_word>;
@group(0) @binding(3) var<storage, read_write> u: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> state: array<u32>;

// Four ranks of a sequence's blend: the adapter that has them, which of its vectors of ranks they are, and its weight on each.
struct Ranks {
  parts: Parts,
  quad: u32,
  weights: vec4<f32>,
  found: bool,
}

fn find_ranks(slot: u32, t: u32, s: u32) -> Ranks {
  let count = state[slot + BLEND_COUNT];
  var before = 0u;
  for (var e = 0u; e < count; e++) {
    let parts = parts_of(state[slot + BLEND + 2u * e], t);
    if (s < before + parts.quads) {
      let weight = bitcast<f32>(state[slot + BLEND + 2u * e + 1u]);
      let r = 4u * (s - before) + vec4<u32>(0u, 1u, 2u, 3u);
      return Ranks(parts, s - before, select(vec4<f32>(), vec4<f32>(weight), r < vec4<u32>(parts.rank)), true);
    }
    before += parts.quads;
  }
  return Ranks(Parts(0u, 0u, 0u, 4u, false), 0u, vec4<f32>(), false);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let quads = state[RANK_WIDTH] / 4u;
  let item = group.x * (THREADS / LANES) + thread / LANES;
  let lane = thread % LANES;
  let t = item / quads;
  let s = item % quads;
  let last = min((group.y + 1u) * TOKENS, state[ROW_COUNT]);
  var at = group.y * TOKENS;
  while (at < last) {
    let end = same_slot_end(at, last);
    var ranks = Ranks(Parts(0u, 0u, 0u, 4u, false), 0u, vec4<f32>(), false);
    var outputs = 0u;
    var start = 0u;
    if (t < call.targets) {
      ranks = find_ranks(row_slot(at), t, s);
      outputs = select(0u, outputs_of(t), ranks.found);
      start = call.starts[t];
    }
    let row0 = at * call.y_stride + start;
    let row1 = min(at + 1u, end - 1u) * call.y_stride + start;
    let row2 = min(at + 2u, end - 1u) * call.y_stride + start;
    let row3 = min(at + 3u, end - 1u) * call.y_stride + start;
    let width = (ranks.parts.greatest + 3u) / 4u;
    let page_rows = (PAGE_VECTORS / width) & ~3u;
    var page = pages_of(ranks.parts);
    var sum0 = vec4<f32>();
    var sum1 = vec4<f32>();
    var sum2 = vec4<f32>();
    var sum3 = vec4<f32>();
    for (var from_output = 0u; from_output < outputs; from_output += page_rows) {
      let to_output = min(from_output + page_rows, outputs);
      let base = (state[page] >> 2u) + ranks.quad;
      for (var n = from_output + lane; n < to_output; n += LANES) {
        let b = pool4(base + (n - from_output) * width);
        sum0 += dy[row0 + n] * b;
        sum1 += dy[row1 + n] * b;
        sum2 += dy[row2 + n] * b;
        sum3 += dy[row3 + n] * b;
      }
      page++;
    }
    var sums = array<vec4<f32>, 4>(
      over_lanes(thread, sum0), over_lanes(thread, sum1), over_lanes(thread, sum2), over_lanes(thread, sum3),
    );
    if (ranks.found && lane == 0u) {
      for (var i = 0u; i < end - at; i++) {
        u[((at + i) * 3u + t) * quads + s] = ranks.weights * sums[i];
      }
    }
    at = end;
  }
}
