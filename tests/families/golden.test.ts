// Every family compared with the reference implementation's golden logits and greedy tokens, base and every adapter, one by one and
// in one batch, on the plain TypeScript kernels.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '#lib/engine/create-engine.ts';
import { FAMILY_CASES, readExpected } from '../support/fixtures.ts';
import { goldenCases, greedy, loadCase, LOGIT_BOUND, useAdapter } from '../support/golden.ts';
import { testHost } from '../support/host.ts';

describe('on reference kernels', () => goldenCases(FAMILY_CASES, { gpu: null }));

// LLaMA's own form has tests of batches on WebGPU; these have every other switch of the decoder.
const OTHER_FORMS = [
  'qwen2_moe',
  'qwen3_moe',
  'deepseek_v2',
  'deepseek_v3',
  'smollm3',
  'gemma4',
  'gemma4_dense',
  'lfm2',
  'glm4',
  'chatglm',
  'olmo2',
  'ministral3',
  'gpt2',
  'gpt_neo',
  'phi',
  'bloom',
  'falcon40b',
  'falconrw',
];

describe.each(OTHER_FORMS)('%s in a batch', (name) => {
  const engine = createEngine(testHost(null));
  beforeAll(async () => {
    await loadCase(engine, name, 'f32');
  });
  afterAll(() => engine.dispose());

  it('gives base and adapter the golden tokens beside each other and beside shorter prompts', async () => {
    const expected = readExpected(name);
    const lora = await useAdapter(engine, name, 'lora');
    const ask = (first: number, run: string) =>
      greedy(engine, expected.ids.slice(first), run === 'lora' ? lora : [], expected.greedy[run]!.length);
    const runs = ['base', 'lora'] as const;
    const [base, adapted, ...shorter] = await Promise.all([
      ...runs.map((run) => ask(0, run)),
      ...runs.map((run) => ask(3, run)),
    ]);
    [base, adapted].forEach((tokens, i) => {
      if (expected.margin[runs[i]!]! > LOGIT_BOUND) expect(tokens).toEqual(expected.greedy[runs[i]!]);
    });
    expect(shorter).toEqual([await ask(3, 'base'), await ask(3, 'lora')]);
  });
});
