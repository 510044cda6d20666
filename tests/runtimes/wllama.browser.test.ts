// wllama in Chromium: the tiny model, rewritten as GGUF, gives the text that the product's own engine gives.

import { expect, it } from 'vitest';
import { startRuntime } from '#lib/engine/shell/client.ts';
import { describeContract, expectAdapted } from '../support/runtime-contract.ts';
import { TINY_ANSWER, TINY_LONG_QUESTION, TINY_QUESTION, tinyChatModel } from '../support/tiny-chat-model.ts';

const start = () =>
  startRuntime('wllama', (error) => {
    throw error;
  }).runtime;

async function opened() {
  const runtime = start();
  const request = { model: { kind: 'files', name: 'tiny', files: tinyChatModel() }, dtype: 'f32' } as const;
  for await (const event of runtime.load(request)) void event;
  return runtime;
}

describeContract('wllama', async () => {
  const runtime = await opened();
  return { runtime, empty: start(), prompt: TINY_QUESTION, longPrompt: TINY_LONG_QUESTION, expected: TINY_ANSWER };
});

it('adapters change the answer as on the own engine, and an adapter that is unloaded is refused', async () => {
  const runtime = await opened();
  const [first = ''] = await expectAdapted(runtime);
  await runtime.unloadAdapter(first);
  expect(await runtime.listAdapters()).toHaveLength(1);
  const answer = runtime.generate({ prompt: TINY_QUESTION, maxTokens: 2, adapters: [{ id: first, weight: 1 }] });
  await expect(answer[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'engine/unknown-adapter' });
});

it('a load that is stopped ends at once, and the next load works', async () => {
  const runtime = start();
  const request = { model: { kind: 'files', name: 'tiny', files: tinyChatModel() }, dtype: 'f32' } as const;
  const stop = new AbortController();
  const load = async () => {
    for await (const { type } of runtime.load(request, stop.signal)) if (type === 'progress') stop.abort();
  };
  await expect(load()).rejects.toMatchObject({ code: 'core/aborted' });
  const events = [];
  for await (const { type } of runtime.load(request)) events.push(type);
  expect(events.at(-1)).toBe('ready');
});

it('a prompt longer than the context is refused', async () => {
  const runtime = await opened();
  const answer = runtime.generate({ prompt: { text: 'word '.repeat(200) }, maxTokens: 2 });
  await expect(answer[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'engine/request' });
});

it('a setting that llama.cpp would read in another way is refused by name', async () => {
  const runtime = await opened();
  const answer = runtime.generate({ prompt: TINY_QUESTION, maxTokens: 2, sampling: { noRepeatNgramSize: 2 } });
  await expect(answer[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'engine/unsupported-setting' });
});
