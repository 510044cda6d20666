// wllama in Chromium: the tiny model, rewritten as GGUF, gives the text that the product's own engine gives.

import { startRuntime } from '#lib/engine/shell/client.ts';
import { describeContract } from '../support/runtime-contract.ts';
import { TINY_ANSWER, TINY_QUESTION, tinyChatModel } from '../support/tiny-chat-model.ts';

const start = () =>
  startRuntime('wllama', (error) => {
    throw error;
  }).runtime;

describeContract('wllama', async () => {
  const runtime = start();
  for await (const event of runtime.load({
    model: { kind: 'files', name: 'tiny', files: tinyChatModel() },
    dtype: 'f32',
  }))
    void event;
  return { runtime, empty: start(), prompt: TINY_QUESTION, expected: TINY_ANSWER };
});
