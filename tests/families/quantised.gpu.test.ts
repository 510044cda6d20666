// Quantised weights against the golden logits: mean KL divergence of the next-token distribution.

import { afterAll, describe, expect, it } from 'vitest';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import { FAMILY_CASES, readExpected, readLogits } from '../support/fixtures.ts';
import { loadCase, useAdapter } from '../support/golden.ts';
import { testGpu } from '../support/gpu.ts';
import { testHost } from '../support/host.ts';

/** Mean over positions of KL(expected || actual), in nats. */
function meanKl(actual: Float32Array, expected: Float32Array, vocab: number): number {
  const logSoftmax = (row: Float32Array) => {
    const greatest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = Math.log(row.reduce((sum, v) => sum + Math.exp(v - greatest), 0)) + greatest;
    return Float64Array.from(row, (v) => v - total);
  };
  let sum = 0;
  for (let at = 0; at < expected.length; at += vocab) {
    const p = logSoftmax(expected.subarray(at, at + vocab));
    const q = logSoftmax(actual.subarray(at, at + vocab));
    p.forEach((value, i) => (sum += Math.exp(value) * (value - q[i]!)));
  }
  return sum / (expected.length / vocab);
}

// These models are tiny and random, so q4 deviates a lot: its bound only catches a broken format.
const BOUNDS: Partial<Record<WeightDtype, number>> = { f16: 1e-4, q8: 1e-3, q4: 0.5 };

/** One case for each way in which weights lie in files and on the GPU; every family is quantised to q4, of two alike one. */
const LAYOUTS = ['llama3', 'gemma3', 'phi3', 'gpt2', 'falcon40b'];

/** Their matrices lie as those of another family, which is quantised; what they compute otherwise is checked over f32. */
const ALIKE: readonly string[] = [
  ...['llama2', 'mistral', 'qwen2', 'qwen3', 'olmo2', 'granite', 'smollm3', 'gemma', 'gemma2', 'gemma4_dense'],
  ...['glm', 'falcon7b', 'deepseek_v2'],
];

describe.each(Object.entries(BOUNDS) as [WeightDtype, number][])('%s', (dtype, bound) => {
  const engine = createEngine(testHost(testGpu()));
  afterAll(() => engine.dispose());

  it.each(dtype === 'q4' ? FAMILY_CASES.filter((name) => !ALIKE.includes(name)) : LAYOUTS)(
    '%s, base and LoRA',
    async (name) => {
      const { ids, vocab } = readExpected(name);
      await loadCase(engine, name, dtype);
      for (const run of ['base', 'lora']) {
        const { data } = await engine.logits(ids, await useAdapter(engine, name, run));
        const kl = meanKl(data, readLogits(name, run), vocab);
        expect(kl, `${run}: mean KL`).toBeLessThan(bound);
        expect(kl).toBeGreaterThan(0);
      }
    },
  );
});
