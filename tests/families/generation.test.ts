// Every supported field of generation_config.json, compared with transformers; all others are refused by name. Plain TypeScript
// kernels.

import { describe, expect, it } from 'vitest';
import { answer, generationCases, readExpectedSmall } from '../support/generation-cases.ts';
import { smallEngine, smallModel } from '../support/small-model.ts';

generationCases(null);

const { ids, generation } = readExpectedSmall();
const greedyOf = (name: string) => generation.find((one) => one.name === name)!.greedy;

describe('a request', () => {
  const load = (rules: object) => smallEngine(smallModel({ generation: JSON.stringify(rules) }));
  const request = { prompt: { ids }, maxTokens: 14 };

  it('may set fields that the files leave out, and override others', async () => {
    const plain = await load({});
    const penalised = await answer(plain, { ...request, sampling: { repetitionPenalty: 1.3 } });
    expect(penalised.ids).toEqual(greedyOf('repetition_penalty'));
    const ngrams = await answer(plain, { ...request, sampling: { noRepeatNgramSize: 1 } });
    expect(ngrams.ids).toEqual(greedyOf('no_repeat_ngram_size 1'));
    await plain.dispose();
    const strict = await load({ repetition_penalty: 1.3, no_repeat_ngram_size: 1, min_new_tokens: 9 });
    const off = { repetitionPenalty: 1, noRepeatNgramSize: 0, minNewTokens: 0 };
    expect((await answer(strict, { ...request, sampling: off })).ids).toEqual(greedyOf('nothing'));
    await strict.dispose();
  });

  it('that samples never draws banned tokens, and restricts the choice as the files say', async () => {
    const engine = await load({ suppress_tokens: [14, 3], top_k: 1 });
    const drawn = await answer(engine, { ...request, sampling: { temperature: 2, seed: 4 } });
    expect(drawn.ids).not.toContain(14);
    // Only the most likely token is left, so the result is deterministic.
    expect(drawn.ids).toEqual((await answer(engine, request)).ids);
    await engine.dispose();
  });

  it('is refused by name when the files ask for unsupported fields', async () => {
    const engine = await load({ num_beams: 4 });
    await expect(answer(engine, request)).rejects.toMatchObject({
      message: 'small/generation_config.json: field "num_beams" is 4, which changes answers and is not computed.',
      hint: 'Remove that field from the file.',
    });
    await engine.dispose();
    const sampling = await load({ typical_p: 0.5, stop_strings: ['x'] });
    await expect(answer(sampling, { ...request, sampling: { temperature: 1 } })).rejects.toThrow('"typical_p" is 0.5');
    await expect(answer(sampling, request)).rejects.toThrow('the model has no tokenizer.json');
    await sampling.dispose();
  });

  it('runs the constraint kernel only in its own steps', async () => {
    const engine = await load({});
    await answer(engine, request);
    const before = (await engine.stats()).dispatchesPerStep;
    await answer(engine, { ...request, sampling: { noRepeatNgramSize: 2 } });
    expect((await engine.stats()).dispatchesPerStep).toBe(before + 1);
    await answer(engine, request);
    expect((await engine.stats()).dispatchesPerStep).toBe(before);
    await engine.dispose();
  });
});
