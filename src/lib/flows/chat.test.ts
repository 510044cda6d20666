// One answer, with a scripted engine and conversations in memory.

import { expect, it } from 'vitest';
import { createFakeEngine, type FakeScript } from '#tests/support/fake-engine.ts';
import { PayableError } from '#lib/core/errors.ts';
import type { Conversation } from '#lib/db/conversation.ts';
import type { Conversations } from '#lib/db/conversations.ts';
import { chat, type ChatEvent } from './chat.ts';

const asked: Conversation = {
  id: 'c',
  title: 'Hello',
  createdAt: 1,
  updatedAt: 1,
  messages: [{ id: 'q', role: 'user', content: 'Hello?' }],
};

async function run(script: FakeScript, options: { storageFails?: boolean; stopAt?: string; system?: string } = {}) {
  const engine = createFakeEngine(script);
  const kept: Conversation[] = [];
  const conversations: Pick<Conversations, 'put'> = {
    put(conversation) {
      if (options.storageFails) return Promise.reject(new PayableError('db/storage', 'No room.'));
      kept.push(structuredClone(conversation));
      return Promise.resolve();
    },
  };
  const abort = new AbortController();
  const context = { engine, conversations: conversations as Conversations, now: () => 42, newId: () => 'a' };
  const input = {
    conversation: asked,
    model: 'nano',
    adapters: [{ id: 'x', name: 'Medical', weight: 0.5 }],
    system: options.system ?? '',
    maxTokens: 9,
    sampling: { seed: 7 },
    stop: ['END'],
  };
  const events: ChatEvent[] = [];
  for await (const event of chat(context, input, abort)) {
    events.push(event);
    if (event.type === 'text' && event.text === options.stopAt) abort.abort();
  }
  return { engine, kept, events, last: events.at(-1) };
}

it('keeps the question, streams, and keeps the answer with its figures', async () => {
  const { engine, kept, events, last } = await run({ tokens: ['Good ', 'day.'] });
  expect(events.map(({ type }) => type)).toEqual(['asked', 'reading', 'text', 'text', 'answered']);
  expect(kept).toHaveLength(2);
  expect(kept[0]?.messages[1]).toMatchObject({ role: 'assistant', content: '', state: 'writing' });
  expect(kept[1]?.messages[1]).toMatchObject({
    content: 'Good day.',
    state: 'stop',
    model: 'nano',
    adapters: [{ id: 'x', name: 'Medical', weight: 0.5 }],
    prompt: '<user>Hello?',
    timings: { newTokens: 2, cachedTokens: 2 },
  });
  expect(last).toMatchObject({ type: 'answered', conversation: { updatedAt: 42 } });
  expect(engine.requests).toEqual([
    {
      prompt: { messages: [{ role: 'user', content: 'Hello?' }] },
      adapters: [{ id: 'x', weight: 0.5 }],
      maxTokens: 9,
      sampling: { seed: 7 },
      stop: ['END'],
      keep: true,
      invoke: true,
    },
  ]);
});

it('stores null for a prompt that is too long to keep', async () => {
  const { kept } = await run({ tokens: ['Yes.'], prompt: 'x'.repeat(100_000) });
  expect(kept.at(-1)?.messages[1]).toMatchObject({ content: 'Yes.', prompt: null });
});

it('puts the system message first', async () => {
  const { engine } = await run({ tokens: ['Yes.'] }, { system: ' Be brief. ' });
  expect(engine.requests[0]?.prompt).toMatchObject({
    messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }],
  });
});

it('keeps the text written before a stop', async () => {
  const { kept } = await run({ tokens: ['One ', 'two ', 'three'] }, { stopAt: 'two ' });
  expect(kept.at(-1)?.messages[1]).toMatchObject({ content: 'One two ', state: 'cancelled' });
});

it('records a failure in the answer, with its hint', async () => {
  const { kept, last } = await run({
    tokens: ['One'],
    failure: new PayableError('x/y', 'It broke.', { hint: 'Mend it.' }),
  });
  expect(last).toMatchObject({ type: 'answered' });
  expect(kept.at(-1)?.messages[1]).toMatchObject({
    content: 'One',
    state: 'failed',
    problem: { message: 'It broke.', hint: 'Mend it.' },
  });
});

it('answers when nothing can be stored', async () => {
  const { events } = await run({ tokens: ['Fine.'] }, { storageFails: true });
  expect(events.map(({ type }) => type)).toEqual(['asked', 'not-kept', 'reading', 'text', 'not-kept', 'answered']);
});
