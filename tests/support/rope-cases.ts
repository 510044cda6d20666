// Prompts and answers beyond the original context length, under every kind of rotation, compared with transformers.

import { describe, expect, it } from 'vitest';
import { answer, readExpectedSmall, type RopeCase } from './generation-cases.ts';
import { LOGIT_BOUND, relativeError } from './golden.ts';
import { fuse, smallEngine, smallModel } from './small-model.ts';

export function ropeCases(gpu: GPU | null, which: (one: RopeCase) => boolean = () => true): void {
  describe.each(readExpectedSmall().rope.filter(which))('rotation: $name', ({ config, ids, last, greedy }) => {
    it('gives logits and tokens of transformers, repeatedly and beside other requests', async () => {
      const change = config.model_type === 'phi3' ? fuse : undefined;
      const folder = smallModel({ config, generation: '{}', change });
      const engine = await smallEngine(folder, { gpu, contextLength: 64 });
      const { data, vocab } = await engine.logits(ids);
      expect(relativeError(data.slice(-vocab), Float32Array.from(last))).toBeLessThan(LOGIT_BOUND);
      const request = { prompt: { ids }, maxTokens: greedy.length };
      const [one, other] = await Promise.all([
        answer(engine, request),
        answer(engine, { prompt: { ids: ids.slice(0, -1) }, maxTokens: 3 }),
      ]);
      expect(one.ids).toEqual(greedy);
      expect(other.ids).toHaveLength(3);
      // Earlier requests left cache entries that were rotated for another length.
      expect(
        (await answer(engine, { prompt: { ids: [...ids, ...greedy.slice(0, 2)] }, maxTokens: 1 })).ids,
      ).toHaveLength(1);
      expect((await answer(engine, request)).ids).toEqual(greedy);
      await engine.dispose();
    });
  });
}
