// Golden cases as tests: f32 logits within 2e-4 of the greatest, greedy tokens equal unless the case is a near tie.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { AdapterUse, CacheDtype, Engine, GenerateRequest, ModelInfo } from '#lib/engine/engine.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import { adapterPath, modelPath, readExpected, readLogits } from './fixtures.ts';
import { testHost } from './host.ts';

export const LOGIT_BOUND = 2e-4;

export async function loadCase(
  engine: Engine,
  name: string,
  dtype: WeightDtype,
  limits: 'best' | 'default' = 'best',
  cache?: CacheDtype,
) {
  const model = { kind: 'directory', path: modelPath(name) } as const;
  let ready: ModelInfo | null = null;
  for await (const event of engine.load({
    model,
    dtype,
    limits,
    contextLength: 256,
    maxSequences: 32,
    adapterPoolBytes: 8 << 20,
    ...(cache && { cache }),
  })) {
    if (event.type === 'ready') ready = event.model;
  }
  return ready!;
}

export async function useAdapter(engine: Engine, name: string, run: string, weight = 1): Promise<AdapterUse[]> {
  if (run === 'base') return [];
  const { id } = await engine.loadAdapter({ kind: 'directory', path: adapterPath(name, run) });
  return [{ id, weight }];
}

/** Largest difference relative to the largest absolute logit. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  let difference = 0;
  let greatest = 0;
  expected.forEach((value, i) => {
    greatest = Math.max(greatest, Math.abs(value));
    const off = Math.abs(actual[i]! - value);
    difference = Number.isNaN(off) ? Infinity : Math.max(difference, off);
  });
  return difference / greatest;
}

export async function greedy(
  engine: Engine,
  ids: number[],
  adapters: AdapterUse[],
  count: number,
  more: Partial<GenerateRequest> = {},
): Promise<number[]> {
  for await (const event of engine.generate({ prompt: { ids }, adapters, maxTokens: count, ...more })) {
    if (event.type === 'done') return event.ids;
  }
  throw new Error('generate ended without an answer');
}

/** Cases on one engine: a kernel that is compiled for one of them serves those that need the same. */
export function goldenCases(
  names: readonly string[],
  { gpu, limits = 'best' }: { gpu: GPU | null; limits?: 'best' | 'default' },
): void {
  const engine = createEngine(testHost(gpu));
  afterAll(() => engine.dispose());

  describe.each(names)('%s', (name) => {
    const expected = readExpected(name);
    beforeAll(async () => {
      await loadCase(engine, name, 'f32', limits);
    });

    it.each(['base', ...expected.adapters])('%s: logits and greedy tokens', async (run) => {
      const adapters = await useAdapter(engine, name, run);
      const { data, tokens, vocab } = await engine.logits(expected.ids, adapters);
      expect([tokens, vocab]).toEqual([expected.ids.length, expected.vocab]);
      expect(relativeError(data, readLogits(name, run))).toBeLessThan(LOGIT_BOUND);
      const wanted = expected.greedy[run]!;
      if (expected.margin[run]! > LOGIT_BOUND) {
        expect(await greedy(engine, expected.ids, adapters, wanted.length)).toEqual(wanted);
      }
    });
  });
}
