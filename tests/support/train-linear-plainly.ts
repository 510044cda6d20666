// Training of the linear case in plain loops over plain matrices, with the formulas of the papers on LoRA, DoRA and AdamW.

import { readWeight } from '#lib/webgpu/kernels/shared/weights.ts';
import {
  ADAPTERS,
  INPUT,
  LENGTH,
  OPTIMIZER,
  OUTPUT,
  planes,
  START,
  STEPS,
  wantedAt,
  X,
  type Blend,
} from './linear-training-case.ts';

export function trainPlainly(blends: readonly Blend[]) {
  const memory = ({ buffer }: typeof planes.weights) => ({
    f32: new Float32Array(buffer),
    u32: new Uint32Array(buffer),
  });
  const [weights, scales] = [memory(planes.weights), memory(planes.scales)];
  const w = (n: number, k: number) => readWeight('q8', weights, scales, INPUT / 32, n, k);
  const adapters = START.map(({ a, b, magnitudes }) => {
    const tensor = (from: Float32Array) => ({
      ...{ value: Float64Array.from(from), gradient: new Float64Array(from.length) },
      ...{ first: new Float64Array(from.length), second: new Float64Array(from.length) },
    });
    return { a: tensor(a), b: tensor(b), m: tensor(magnitudes), norms: new Float64Array(magnitudes.length) };
  });
  /** Of the rows of the base with the adapter added. */
  const measure = ({ a, b, norms }: (typeof adapters)[0], { rank, scale }: (typeof ADAPTERS)[0]) =>
    norms.forEach((_, n) => {
      let squares = 0;
      for (let k = 0; k < INPUT; k++) {
        let sum = w(n, k);
        for (let r = 0; r < rank; r++) sum += scale * b.value[n * rank + r]! * a.value[r * INPUT + k]!;
        squares += sum ** 2;
      }
      norms[n] = Math.sqrt(squares);
    });
  const rows = blends.length * LENGTH;
  const losses: number[] = [];
  let dx = new Float64Array(rows * INPUT);
  for (let t = 1; t <= STEPS; t++) {
    let loss = 0;
    dx = new Float64Array(rows * INPUT);
    adapters.forEach((adapter, i) => {
      for (const { gradient } of [adapter.a, adapter.b, adapter.m]) gradient.fill(0);
      measure(adapter, ADAPTERS[i]!);
    });
    for (let row = 0; row < rows; row++) {
      const x = (k: number) => X[row * INPUT + k]!;
      const applied = blends[Math.floor(row / LENGTH)]!.map(({ adapter, weight }) => {
        const { rank, scale } = ADAPTERS[adapter]!;
        const { a, b, m, norms } = adapters[adapter]!;
        const z = Array.from({ length: rank }, (_, r) => {
          let sum = 0;
          for (let k = 0; k < INPUT; k++) sum += a.value[r * INPUT + k]! * x(k);
          return sum;
        });
        return { a, b, m, norms, z, rank, weight, scale, u: new Float64Array(rank) };
      });
      for (let n = 0; n < OUTPUT; n++) {
        let base = 0;
        for (let k = 0; k < INPUT; k++) base += w(n, k) * x(k);
        const parts = applied.map(({ b, m, norms, z, rank, weight, scale }) => ({
          gain: m.value.length > 0 ? m.value[n]! / norms[n]! : 1,
          low: z.reduce((sum, zr, r) => sum + scale * zr * b.value[n * rank + r]!, 0),
          weight,
        }));
        const ofBase = parts.reduce((sum, { gain, weight }) => sum + weight * (gain - 1), 1);
        const y = parts.reduce((sum, { gain, low, weight }) => sum + weight * gain * low, ofBase * base);
        const error = y - wantedAt(row, n);
        loss += error ** 2 / 2;
        for (let k = 0; k < INPUT; k++) dx[row * INPUT + k]! += error * ofBase * w(n, k);
        applied.forEach(({ b, m, norms, z, rank, weight, scale, u }, i) => {
          const { gain, low } = parts[i]!;
          const factor = weight * scale * gain;
          if (m.value.length > 0) m.gradient[n]! += (error * weight * (base + low)) / norms[n]!;
          for (let r = 0; r < rank; r++) {
            b.gradient[n * rank + r]! += factor * error * z[r]!;
            u[r]! += factor * error * b.value[n * rank + r]!;
          }
        });
      }
      for (const { a, u } of applied) {
        u.forEach((ur, r) => {
          for (let k = 0; k < INPUT; k++) {
            a.gradient[r * INPUT + k]! += ur * x(k);
            dx[row * INPUT + k]! += ur * a.value[r * INPUT + k]!;
          }
        });
      }
    }
    losses.push(loss);
    adapters.forEach(({ a, b, m }, i) => {
      const { rate, clip } = ADAPTERS[i]!;
      const [beta1, beta2] = OPTIMIZER.betas;
      const norm =
        Math.sqrt([a, b, m].reduce((sum, { gradient }) => sum + gradient.reduce((s, g) => s + g ** 2, 0), 0)) / rows;
      const factor = (clip > 0 ? Math.min(1, clip / (norm + 1e-6)) : 1) / rows;
      for (const { value, gradient, first, second } of [a, b, m]) {
        gradient.forEach((sum, j) => {
          const g = factor * sum;
          first[j] = beta1 * first[j]! + (1 - beta1) * g;
          second[j] = beta2 * second[j]! + (1 - beta2) * g ** 2;
          const step = first[j] / (1 - beta1 ** t) / (Math.sqrt(second[j] / (1 - beta2 ** t)) + OPTIMIZER.epsilon);
          value[j] = value[j]! - rate * OPTIMIZER.weightDecay * value[j]! - rate * step;
        });
      }
    });
  }
  return { losses, dx, adapters: adapters.map(({ a, b, m }) => ({ a: a.value, b: b.value, magnitudes: m.value })) };
}
