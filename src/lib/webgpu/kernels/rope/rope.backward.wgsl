// From the gradients of rotated heads to those of q, k and v as projected, bias and adapters included: back by the angle
// (da = da' cos + db' sin, db = db' cos - da' sin), then through the norm n = x * r * weight: with g = dn * weight, dx = r * (g - x * r * r * mean(g * x)).
// One workgroup takes what one norm spans: a head, or all heads of q or of k. Where values are the projected keys, the keys get the sum of both gradients.
@group(0) @binding(0) var<uniform> call: Call;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dheads: array<f32>;
@group(0) @binding(3) var<storage, read_write> dy: array<f32>;
@group(0) @binding(4) var<storage, read> angles: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> vectors: array<f32>;
@group(0) @binding(6) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> pool: array<pool_word>;
@group(0) @binding(8) var<storage, read> state: array<u32>;

// Two pairs of a head: their elements, the gradient of the norm's output times its weights, and the gradient of values that are these keys.
struct Twos { head: u32, n: vec4<u32>, g: vec4<f32>, of_value: vec4<f32> }

fn unrotated(pair: vec2<f32>, position: u32, i: u32) -> vec2<f32> {
  if (i >= ROPE_DIM / 2u) {
    return pair;
  }
  let angle = angles[position * (ROPE_DIM / 2u) + i];
  return vec2<f32>(pair.x * angle.x + pair.y * angle.y, pair.y * angle.x - pair.x * angle.y);
}

fn twos(row: u32, part: u32, first: u32, index: u32) -> Twos {
  let head = first + index / (HEAD_DIM / 4u);
  let i = 2u * (index % (HEAD_DIM / 4u));
  let n = vec4<u32>(pair_of(i, part), pair_of(i + 1u, part));
  let row_at = row * (HEADS + 2u * KV_HEADS);
  let at = (row_at + head) * HEAD_DIM + 2u * i;
  var g = vec4<f32>(dheads[at], dheads[at + 1u], dheads[at + 2u], dheads[at + 3u]);
  if (part < 2u) {
    let position = row_position(row);
    if (GROWS == 1u && part == 0u) {
      g *= 1.0 + GROWTH_F * log(f32(1u + position / GROWTH_EVERY));
    }
    var turned = position;
    if (OF_PROMPT == 1u) {
      turned += state[ROWS_AT + row * ROW_WORDS + ROW_ANGLES];
    }
    g = vec4<f32>(unrotated(g.xy, turned, i), unrotated(g.zw, turned, i + 1u));
    if (HEAD_NORM == 1u) {
      let w = norm_at(part, head) + n;
      g *= vec4<f32>(vectors[w.x], vectors[w.y], vectors[w.z], vectors[w.w]);
    }
  }
  var of_value = vec4<f32>();
  if (TIED == 1u && part == 1u) {
    let v = (row_at + head + KV_HEADS) * HEAD_DIM + n;
    of_value = vec4<f32>(dheads[v.x], dheads[v.y], dheads[v.z], dheads[v.w]);
  }
  return Twos(head, n, g, of_value);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let row = group.y;
  if (row >= state[ROW_COUNT]) {
    return;
  }
  var part = group.x;
  var first = group.x;
  var count = 1u;
  if (WHOLE_NORM == 1u) {
    first = select(select(HEADS + KV_HEADS, HEADS, part == 1u), 0u, part == 0u);
    count = select(KV_HEADS, HEADS, part == 0u);
  } else {
    part = select(select(2u, 1u, first < HEADS + KV_HEADS), 0u, first < HEADS);
  }
  let size = count * HEAD_DIM / 4u;
  let normed = select(VALUE_NORM, HEAD_NORM, part < 2u) == 1u;
  var products = vec3<f32>();
  if (HEAD_NORM == 1u || VALUE_NORM == 1u) {
    for (var index = thread; normed && index < size; index += THREADS) {
      let pairs = twos(row, part, first, index);
      let x = values(row, part, pairs.head, pairs.n);
      // The same thread reads it again after the sums.
      let at = row * Y_STRIDE + pairs.head * HEAD_DIM + pairs.n;
      dy[at.x] = x.x;
      dy[at.y] = x.y;
      dy[at.z] = x.z;
      dy[at.w] = x.w;
      products += vec3<f32>(dot(x, x), dot(x, pairs.g), dot(x, pairs.of_value));
    }
    products = over_threads(thread, products) / f32(4u * size);
  }
  let r = inverseSqrt(products.x + EPS_F);
  for (var index = thread; index < size; index += THREADS) {
    let pairs = twos(row, part, first, index);
    let at = row * Y_STRIDE + pairs.head * HEAD_DIM + pairs.n;
    var dx = pairs.g;
    var of_value = pairs.of_value;
    if (normed) {
      let x = vec4<f32>(dy[at.x], dy[at.y], dy[at.z], dy[at.w]);
      dx = r * (dx - r * r * products.y * x);
      if (VALUE_NORM == 1u) {
        of_value = r * (of_value - r * r * products.z * x);
      }
    }
    dx += of_value;
    dy[at.x] = dx.x;
    dy[at.y] = dx.y;
    dy[at.z] = dx.z;
    dy[at.w] = dx.w;
  }
}
