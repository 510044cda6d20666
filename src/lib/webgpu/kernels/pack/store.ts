// The inner half of `pack`, by weight format: reads 32 values of a row, writes their 16-byte words, returns the scale.
// A group is eight named vectors, not an array: indexed private arrays are slow everywhere we measured.

import type { WeightDtype } from '#lib/core/tensor.ts';

/**
 * What the greatest weight of a group may map to; the least squared error decides, that of q4 with greater weights counted more. The
 * first is the usual choice. Of the others, those of q8 and the whole numbers of q4 bring back exactly what was quantised to 4 bits
 * before, also in longer groups, of which a group here may have smaller steps only. The last steps of q4 cut or stretch the greatest
 * weight a little, for the sake of the others (docs/adr/0038-a-search-for-q4-scales.md).
 */
export const Q8_STEPS = [127, 112, 96, 64];
export const Q4_STEPS = [-8, 7, -7, 6, -6, 5, -5, 4, -4, -9, -8.5, -7.5, -6.5, 8, 7.5, 6.5, 5.5];

const V = [0, 1, 2, 3, 4, 5, 6, 7];
const each = (line: (v: number) => string, separator = '\n'): string => V.map(line).join(separator);

const READ = each((v) => `  let g${v} = read_four(row, column + ${4 * v}u);`);

/** The group's weight of greatest magnitude, with its sign. */
const GREATEST = `  let high = max(max(max(g0, g1), max(g2, g3)), max(max(g4, g5), max(g6, g7)));
  let low = min(min(min(g0, g1), min(g2, g3)), min(min(g4, g5), min(g6, g7)));
  let highest = max(max(high.x, high.y), max(high.z, high.w));
  let lowest = min(min(low.x, low.y), min(low.z, low.w));
  let greatest = select(lowest, highest, highest >= -lowest);`;

const REST = `fn rest(v: vec4<f32>, scale: f32, mean: f32) -> f32 {
  let r = v - scale * steps(v, scale);
  return dot(r * r, importance(v, mean));
}`;

/** All weights of a group alike. */
const EVEN = 'fn importance(v: vec4<f32>, mean: f32) -> vec4<f32> { return vec4<f32>(1.0); }';
/** Greater weights more. Without it the search cuts them, and that costs more in the results than the sum of errors shows. */
const BY_SIZE = 'fn importance(v: vec4<f32>, mean: f32) -> vec4<f32> { return sqrt(v * v + mean); }';
const MEAN = `  let mean = (${each((v) => `dot(g${v}, g${v})`, ' + ')}) / 32.0;`;

/** Tries the scales that map `top` to each of these steps, and keeps the one with the least squared error. */
const leastError = (top: string, steps: number[]): string => {
  const list = steps.map((step) => step.toFixed(1)).join(', ');
  return `${MEAN}
  var least = ${each((v) => `rest(g${v}, scale, mean)`, ' + ')};
  let steps_of_greatest = array<f32, ${steps.length}>(${list});
  for (var candidate = 0u; candidate < ${steps.length}u; candidate++) {
    let other = as_f16(${top} / steps_of_greatest[candidate]);
    let error = ${each((v) => `rest(g${v}, other, mean)`, ' + ')};
    if (error < least) {
      least = error;
      scale = other;
    }
  }`;
};

const store = (body: string): string => `fn store_group(row: u32, column: u32, at: u32) -> f32 {\n${READ}\n${body}\n}`;

const F32 = store(`${each((v) => `  weights[at + ${8 * v}u] = bitcast<vec4<u32>>(g${v});`)}
  return 1.0;`);

const F16 = `fn halves(v: vec4<f32>) -> vec2<u32> {
  let top = max(abs(v), abs(v.wzyx));
  if (max(top.x, top.y) > 65504.0) {
    let over = select(vec4<u32>(0u), vec4<u32>(1u), abs(v) > vec4<f32>(65504.0));
    atomicAdd(&faults[call.fault_at + 1u], dot(over, vec4<u32>(1u)));
  }
  return vec2<u32>(to_half(v.x) | (to_half(v.y) << 16u), to_half(v.z) | (to_half(v.w) << 16u));
}
${store(`${[0, 1, 2, 3].map((w) => `  weights[at + ${8 * w}u] = vec4<u32>(halves(g${2 * w}), halves(g${2 * w + 1}));`).join('\n')}
  return 1.0;`)}`;

const Q8 = `fn steps(v: vec4<f32>, scale: f32) -> vec4<f32> {
  return clamp(round(v / scale), vec4<f32>(-127.0), vec4<f32>(127.0));
}
${EVEN}
${REST}
fn bytes(v: vec4<f32>, scale: f32) -> u32 {
  let q = vec4<u32>(vec4<i32>(steps(v, scale))) & vec4<u32>(255u);
  return q.x | (q.y << 8u) | (q.z << 16u) | (q.w << 24u);
}
${store(`${GREATEST}
  var scale = as_f16(abs(greatest) / ${Q8_STEPS[0]!.toFixed(1)});
  if (scale == 0.0) {
    weights[at] = vec4<u32>(0u);
    weights[at + 8u] = vec4<u32>(0u);
    return 0.0;
  }
  ${leastError('abs(greatest)', Q8_STEPS.slice(1))}
  weights[at] = vec4<u32>(bytes(g0, scale), bytes(g1, scale), bytes(g2, scale), bytes(g3, scale));
  weights[at + 8u] = vec4<u32>(bytes(g4, scale), bytes(g5, scale), bytes(g6, scale), bytes(g7, scale));
  return scale;`)}`;

const Q4 = `fn steps(v: vec4<f32>, scale: f32) -> vec4<f32> {
  return clamp(round(v / scale), vec4<f32>(-8.0), vec4<f32>(7.0));
}
${BY_SIZE}
${REST}
fn nibbles(v: vec4<f32>, scale: f32) -> u32 {
  let q = vec4<u32>(vec4<i32>(steps(v, scale)) + vec4<i32>(8));
  return q.x | (q.y << 8u) | (q.z << 16u) | (q.w << 24u);
}
${store(`${GREATEST}
  var scale = as_f16(greatest / ${Q4_STEPS[0]!.toFixed(1)});
  if (scale == 0.0) {
    weights[at] = vec4<u32>(0x88888888u);
    return 0.0;
  }
${leastError('greatest', Q4_STEPS.slice(1))}
  weights[at] = vec4<u32>(${[0, 1, 2, 3].map((w) => `nibbles(g${2 * w}, scale) | (nibbles(g${2 * w + 1}, scale) << 4u)`).join(', ')});
  return scale;`)}`;

export const STORE_WGSL: Record<WeightDtype, string> = { f32: F32, f16: F16, q8: Q8, q4: Q4 };
