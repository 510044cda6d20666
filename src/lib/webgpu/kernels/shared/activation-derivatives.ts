// The derivatives of the activations: WGSL over four elements, and the plain TypeScript twin of each.

import { ACTIVATIONS, type Activation } from './activations.ts';

const WGSL: Record<Activation, string> = {
  silu: `  let s = 1.0 / (1.0 + exp(-v));
  return s * (1.0 + v * (1.0 - s));`,
  // Where tanh has no slope left, v would multiply its rounding error.
  'gelu-tanh': `  let inner = 0.7978845608028654 * (v + 0.044715 * v * v * v);
  let t = tanh(clamp(inner, vec4<f32>(-10.0), vec4<f32>(10.0)));
  let slope = 0.5 * v * (1.0 - t * t) * 0.7978845608028654 * (1.0 + 0.134145 * v * v);
  return 0.5 * (1.0 + t) + select(slope, vec4<f32>(0.0), abs(inner) > vec4<f32>(10.0));`,
  // The same form of erf as the activation itself.
  'gelu-erf': `  let a = abs(v) * 0.7071067811865476;
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  let bell = exp(-a * a);
  return 0.5 * (1.0 + sign(v) * (1.0 - poly * bell)) + 0.3989422804014327 * v * bell;`,
  relu: '  return select(vec4<f32>(0.0), vec4<f32>(1.0), v > vec4<f32>(0.0));',
};

/** `fn derivative(v: vec4<f32>) -> vec4<f32>` */
export const derivativeFunction = (activation: Activation): string =>
  `fn derivative(v: vec4<f32>) -> vec4<f32> {\n${WGSL[activation]}\n}`;

export const DERIVATIVES: Record<Activation, (v: number) => number> = {
  silu(v) {
    const s = 1 / (1 + Math.exp(-v));
    return s * (1 + v * (1 - s));
  },
  'gelu-tanh'(v) {
    const t = Math.tanh(0.7978845608028654 * (v + 0.044715 * v ** 3));
    return 0.5 * (1 + t) + 0.5 * v * (1 - t * t) * 0.7978845608028654 * (1 + 3 * 0.044715 * v * v);
  },
  'gelu-erf': (v) =>
    (v === 0 ? 0.5 : ACTIVATIONS['gelu-erf'](v) / v) + (v * Math.exp((-v * v) / 2)) / Math.sqrt(2 * Math.PI),
  relu: (v) => (v > 0 ? 1 : 0),
};
