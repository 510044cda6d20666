// The activations of feed-forward blocks: WGSL over four elements, and the plain TypeScript twin of each.

export type Activation = 'silu' | 'gelu-tanh' | 'gelu-erf' | 'relu';

const WGSL: Record<Activation, string> = {
  silu: '  return v / (1.0 + exp(-v));',
  'gelu-tanh':
    '  return 0.5 * v * (1.0 + tanh(clamp(0.7978845608028654 * (v + 0.044715 * v * v * v), vec4<f32>(-10.0), vec4<f32>(10.0))));',
  // erf by Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7.
  'gelu-erf': `  let a = abs(v) * 0.7071067811865476;
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return 0.5 * v * (1.0 + sign(v) * (1.0 - poly * exp(-a * a)));`,
  relu: '  return max(v, vec4<f32>(0.0));',
};

/** `fn activation(v: vec4<f32>) -> vec4<f32>` */
export const activationFunction = (activation: Activation): string =>
  `fn activation(v: vec4<f32>) -> vec4<f32> {\n${WGSL[activation]}\n}`;

export const ACTIVATIONS: Record<Activation, (v: number) => number> = {
  silu: (v) => v / (1 + Math.exp(-v)),
  'gelu-tanh': (v) => 0.5 * v * (1 + Math.tanh(0.7978845608028654 * (v + 0.044715 * v ** 3))),
  'gelu-erf': (v) => 0.5 * v * (1 + erf(v / Math.SQRT2)),
  relu: (v) => Math.max(v, 0),
};

/** erf by its Maclaurin series; beyond |v| = 4 it is 1 within f32. */
function erf(v: number): number {
  if (Math.abs(v) > 4) return Math.sign(v);
  let term = v;
  let sum = v;
  for (let n = 1; n < 80; n++) {
    term *= (-v * v) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
