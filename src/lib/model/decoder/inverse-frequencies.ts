// Rotary frequencies: what one pair of components turns per position, after the model's context extension.
// It knows the published formulas in double precision; it knows no config dialect.

import type { Rope, RopeScaling } from '../architecture.ts';

export interface RotaryFrequencies {
  /** Radians per position, one per rotated pair. */
  frequencies: Float64Array;
  /** Multiplies cosine and sine. */
  attentionFactor: number;
}

/** Sequences up to this length rotate alike; longer ones each by their own length. Null: the length does not matter. */
export const lengthThatMatters = (scaling: RopeScaling): number | null =>
  scaling.type === 'dynamic' || scaling.type === 'longrope' ? scaling.originalContextLength : null;

/** `length` is that of the whole sequence, in tokens. */
export function inverseFrequencies(rope: Rope, ropeDim: number, length: number): RotaryFrequencies {
  const { theta, scaling } = rope;
  const base = Float64Array.from({ length: ropeDim / 2 }, (_, i) => theta ** (-(2 * i) / ropeDim));
  switch (scaling.type) {
    case 'default':
      return { frequencies: base, attentionFactor: 1 };
    case 'linear':
      return { frequencies: base.map((f) => f / scaling.factor), attentionFactor: 1 };
    case 'llama3':
      return { frequencies: base.map((f) => llama3(f, scaling)), attentionFactor: 1 };
    case 'yarn':
      return yarn(base, theta, ropeDim, scaling);
    case 'proportional': {
      const rotating = Math.floor((scaling.share * ropeDim) / 2);
      return { frequencies: base.map((f, i) => (i < rotating ? f / scaling.factor : 0)), attentionFactor: 1 };
    }
    case 'dynamic': {
      const { factor, originalContextLength: original } = scaling;
      const growth = (factor * Math.max(length, original)) / original - (factor - 1);
      return { frequencies: base.map((f, i) => f * growth ** (-(2 * i) / (ropeDim - 2))), attentionFactor: 1 };
    }
    case 'longrope': {
      const { originalContextLength: original, shortFactor, longFactor, attentionFactor } = scaling;
      const factors = length > original ? longFactor : shortFactor;
      return { frequencies: base.map((f, i) => f / factors[i]!), attentionFactor };
    }
  }
}

/** Long waves are slowed by the factor, short ones kept, those between blended. */
function llama3(f: number, s: Extract<RopeScaling, { type: 'llama3' }>): number {
  const turns = s.originalContextLength / ((2 * Math.PI) / f);
  if (turns < s.lowFrequencyFactor) return f / s.factor;
  if (turns > s.highFrequencyFactor) return f;
  const blend = (turns - s.lowFrequencyFactor) / (s.highFrequencyFactor - s.lowFrequencyFactor);
  return ((1 - blend) * f) / s.factor + blend * f;
}

function yarn(
  base: Float64Array,
  theta: number,
  dim: number,
  s: Extract<RopeScaling, { type: 'yarn' }>,
): RotaryFrequencies {
  const original = s.originalContextLength;
  /** The component whose wave turns `turns` times over the original context. */
  const component = (turns: number) => (dim * Math.log(original / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  let low = component(s.betaFast);
  let high = component(s.betaSlow);
  if (s.truncate) [low, high] = [Math.floor(low), Math.ceil(high)];
  [low, high] = [Math.max(low, 0), Math.min(high, dim - 1)];
  if (low === high) high += 0.001;
  const frequencies = base.map((f, i) => {
    const ramp = Math.min(Math.max((i - low) / (high - low), 0), 1);
    return (f / s.factor) * ramp + f * (1 - ramp);
  });
  return { frequencies, attentionFactor: s.attentionFactor ?? yarnAttention(s) };
}

function yarnAttention({ factor, mscale, mscaleAllDim }: Extract<RopeScaling, { type: 'yarn' }>): number {
  const growth = (m: number) => (factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1);
  return mscale && mscaleAllDim ? growth(mscale) / growth(mscaleAllDim) : growth(1);
}
