// transformers' choices under each field of generation_config.json, as tests of one device.

import { afterAll, describe, expect, it } from 'vitest';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { Engine, GenerateRequest } from '#lib/engine/engine.ts';
import { testHost } from './host.ts';
import { loadSmall, readSmall, smallModel } from './small-model.ts';

export interface GenerationCase {
  name: string;
  config: object | null;
  /** The file as Python wrote it. */
  generation: string | null;
  ids: number[];
  maxTokens: number;
  greedy: number[];
}

export interface SmallExpected {
  ids: number[];
  tables: Record<'different' | 'equal' | 'only-head', { last: number[]; greedy: number[] }>;
  generation: GenerationCase[];
  rope: RopeCase[];
  adapters: AdapterCase[];
}

export interface AdapterCase {
  name: string;
  base: 'plain' | 'bias' | 'tied' | 'fused';
  last: number[];
  greedy: number[];
}

export interface RopeCase {
  name: string;
  config: { model_type?: string };
  ids: number[];
  /** Logits of the last position. */
  last: number[];
  greedy: number[];
}

export const readExpectedSmall = (): SmallExpected => readSmall('expected.json') as SmallExpected;

export async function answer(engine: Engine, request: GenerateRequest) {
  for await (const event of engine.generate(request)) if (event.type === 'done') return event;
  throw new Error('no answer');
}

/** transformers counts the stop token as part of the answer; this product does not. */
export const withoutStop = (ids: number[], eos: unknown): number[] =>
  [eos].flat().includes(ids.at(-1)) ? ids.slice(0, -1) : ids;

export function generationCases(gpu: GPU | null, which: (one: GenerationCase) => boolean = () => true): void {
  // One engine for all: kernels compiled for one of them serve the others.
  let folder = smallModel();
  const engine = createEngine({ ...testHost(gpu), openFolder: () => folder });
  afterAll(() => engine.dispose());

  describe.each(readExpectedSmall().generation.filter(which))(
    '$name',
    ({ config, generation, ids, maxTokens, greedy }) => {
      it('gives the tokens of transformers, also beside a request without it', async () => {
        folder = smallModel({ config: config ?? {}, generation });
        await loadSmall(engine);
        const eos = (generation ? JSON.parse(generation.replace('-Infinity', '0')) : config) as {
          eos_token_id?: unknown;
        };
        const request = { prompt: { ids }, maxTokens };
        const off = { repetitionPenalty: 1, noRepeatNgramSize: 0, minNewTokens: 0 };
        const [one, other, again] = await Promise.all([
          answer(engine, request),
          answer(engine, { ...request, sampling: off, maxTokens: 3 }),
          answer(engine, request),
        ]);
        expect(one.ids).toEqual(withoutStop(greedy, eos.eos_token_id));
        expect(again.ids).toEqual(one.ids);
        expect(other.ids.length).toBeGreaterThanOrEqual(0);
      });
    },
  );
}
