// Every kind of rotation compared with transformers, within the original context, across its end and beyond. Plain TypeScript
// kernels.

import { expect, test } from 'vitest';
import { readExpectedSmall } from '../support/generation-cases.ts';
import { ropeCases } from '../support/rope-cases.ts';
import { smallEngine, smallModel } from '../support/small-model.ts';

ropeCases(null);

const { ids } = readExpectedSmall().rope.find(({ name }) => name === 'none beyond')!;

test('a prompt beyond the context is refused, and the suggested remedy works', async () => {
  const folder = smallModel({ config: { max_position_embeddings: 16 } });
  const short = await smallEngine(folder);
  await expect(short.logits(ids)).rejects.toMatchObject({
    message: 'The prompt has 24 tokens, the context holds 16.',
    hint: expect.stringContaining('load the model with a longer context') as string,
  });
  await short.dispose();
  const longer = await smallEngine(folder, { contextLength: 64 });
  expect((await longer.logits(ids)).tokens).toBe(24);
  await longer.dispose();
});

test.each([
  ['yarn', { rope_scaling: { type: 'yarn', factor: 4, original_max_position_embeddings: 16 } }],
  ['linear', { rope_scaling: { type: 'linear', factor: 4 } }],
  ['dynamic', { rope_scaling: { type: 'dynamic', factor: 4 } }],
  ['llama3', { rope_scaling: { rope_type: 'llama3', factor: 4, low_freq_factor: 1, high_freq_factor: 4 } }],
])('%s extends the context by its factor without further settings', async (_, config) => {
  const engine = await smallEngine(smallModel({ config: { max_position_embeddings: 16, ...config } }));
  expect((await engine.logits(ids)).tokens).toBe(24);
  await expect(engine.logits(Array<number>(65).fill(5))).rejects.toThrow('the context holds 64');
  await engine.dispose();
});
