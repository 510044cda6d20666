// The browser's own model, against a model of its API: no browser without a head and a downloaded model has the real one, so what
// stays unproven here is Chrome's side of it.

import { expect, it } from 'vitest';
import { createPromptApiRuntime } from '#lib/engine/shell/prompt-api.ts';
import { createFakeLanguageModel } from '../support/fake-language-model.ts';
import { describeContract } from '../support/runtime-contract.ts';

const WORDS = 'The kakapo, the takahe and the kiwi live in New Zealand , and there are few.'.split(/(?= )/);
const prompt = { messages: [{ role: 'user', content: 'Name three rare birds.' }] };

async function opened(model = createFakeLanguageModel(WORDS)) {
  const runtime = createPromptApiRuntime({ model, now: () => performance.now() });
  const events = [];
  for await (const event of runtime.load({})) events.push(event);
  return { runtime, events, model };
}

describeContract('prompt-api', async () => {
  const { runtime } = await opened();
  const empty = createPromptApiRuntime({ model: undefined, now: () => 0 });
  return { runtime, empty, prompt, expected: WORDS.slice(0, 12).join('') };
});

it('says how far the download is, and what it opened', async () => {
  const { events } = await opened();
  expect(events).toMatchObject([
    { type: 'progress', loadedBytes: 50, totalBytes: 100 },
    { type: 'ready', model: { contextLength: 6144, device: { kind: 'browser' } } },
  ]);
});

it('reads the conversation in order, and frees each session', async () => {
  const { runtime, model } = await opened();
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Name a bird.' },
    { role: 'assistant', content: 'The kiwi.' },
    { role: 'user', content: 'Another?' },
  ];
  for await (const event of runtime.generate({ prompt: { messages }, maxTokens: 4 })) void event;
  expect(model.asked).toEqual([messages]);
  expect(model.live).toBe(1);
  await runtime.dispose();
  expect(model.live).toBe(0);
});

it('a browser without the API or without a model that fits is refused by code', async () => {
  const absent = createPromptApiRuntime({ model: undefined, now: () => 0 });
  await expect(absent.load({})[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'shell/browser-lacks' });
  await expect(opened(createFakeLanguageModel([], 'unavailable' as never))).rejects.toMatchObject({
    code: 'shell/browser-lacks',
  });
});

it.each([
  ['token ids', { ids: [1, 2] }],
  ['tools', { ...prompt, tools: [{ type: 'function' }] }],
  ['a message of a tool', { messages: [{ role: 'tool', content: '4' }] }],
  ['no question at the end', { messages: [...prompt.messages, { role: 'assistant', content: 'A kiwi.' }] }],
])('refuses %s', async (_, asked) => {
  const { runtime } = await opened();
  const answer = runtime.generate({ prompt: asked, maxTokens: 4 })[Symbol.asyncIterator]();
  await expect(answer.next()).rejects.toMatchObject({ code: 'engine/request' });
});
