// What every runtime keeps to, whichever it is: one set of checks over one open model.

import { beforeAll, describe, expect, it } from 'vitest';
import type { AdapterHost, GenerateEvent, GenerateRequest, Runtime } from '#lib/engine/engine.ts';
import { can, type RuntimeKind } from '#lib/engine/runtimes.ts';
import type { Prompt } from '#lib/model/chat-message.ts';
import { TINY_ADAPTED, TINY_ANSWER, TINY_QUESTION, tinyAdapter } from './tiny-chat-model.ts';

export interface ContractSubject {
  runtime: Pick<Runtime, 'generate' | 'dispose'>;
  /** Another one without a model. */
  empty: Pick<Runtime, 'generate'>;
  prompt: Prompt;
  /** The greedy answer, where another implementation gives it. */
  expected?: string;
  /** A prompt whose answer has more pieces than are sent ahead of the reader, so that it cannot end before it is stopped. Default: `prompt`. */
  longPrompt?: Prompt;
  /** False where the runtime draws as it likes. Default true. */
  isGreedy?: boolean;
}

/** What is said with adapters of the tiny model, on a runtime that has them. */
export async function expectAdapted(runtime: Pick<Runtime & AdapterHost, 'generate' | 'loadAdapter' | 'listAdapters'>) {
  const ids = new Map<number, string>();
  for (const seed of [1, 2]) {
    const { id } = await runtime.loadAdapter({ kind: 'files', name: `tiny ${seed}`, files: tinyAdapter(seed) });
    ids.set(seed, id);
  }
  expect((await runtime.listAdapters()).map(({ id }) => id)).toEqual([...ids.values()]);
  const texts: string[] = [];
  const say = async (weights: Readonly<Record<number, number>>) => {
    const adapters = Object.entries(weights).map(([seed, weight]) => ({ id: ids.get(Number(seed))!, weight }));
    for await (const event of runtime.generate({ prompt: TINY_QUESTION, maxTokens: 8, adapters }))
      if (event.type === 'done') texts.push(event.text);
  };
  for (const { weights } of TINY_ADAPTED) await say(weights);
  await say({});
  // No more tokens: llama.cpp keeps keys and values in half precision, and a near tie may fall the other way.
  expect(texts).toEqual([...TINY_ADAPTED.map(({ text }) => text), TINY_ANSWER].map((text) => text.slice(0, 8)));
  return [...ids.values()];
}

type Event = GenerateEvent<number | null>;
type Done = Extract<Event, { type: 'done' }>;

const TOKENS = 12;

export function describeContract(kind: RuntimeKind, open: () => Promise<ContractSubject>): void {
  describe(`the contract of runtimes: ${kind}`, () => {
    let subject: ContractSubject;
    beforeAll(async () => {
      subject = await open();
    });
    const run = async (change: Partial<GenerateRequest> = {}, signal?: AbortSignal, of = subject.runtime) => {
      const events: Event[] = [];
      for await (const event of of.generate({ prompt: subject.prompt, maxTokens: TOKENS, ...change }, signal))
        events.push(event);
      return events;
    };
    const doneOf = (events: readonly Event[]): Done => {
      const last = events.at(-1);
      if (last?.type !== 'done') throw new Error('the answer did not end in "done"');
      return last;
    };
    const textOf = (events: readonly Event[]) =>
      events.map((event) => (event.type === 'token' ? event.text : '')).join('');

    it('an answer is one start, its tokens, and one done with the same text and its figures', async () => {
      const events = await run();
      const kinds = events.map(({ type }) => type);
      expect([kinds[0], kinds.at(-1)]).toEqual(['start', 'done']);
      expect(new Set(kinds.slice(1, -1))).toEqual(new Set(['token']));
      const { text, timings } = doneOf(events);
      expect(text).toBe(textOf(events));
      expect(text.length).toBeGreaterThan(0);
      expect(timings.promptTokens).toBeGreaterThan(0);
      expect(timings.newTokens).toBeGreaterThan(0);
      expect(timings.firstTokenMs).toBeGreaterThanOrEqual(0);
      if (subject.expected !== undefined) expect(text).toBe(subject.expected);
    });

    it('a greedy answer comes out the same again', async () => {
      if (subject.isGreedy === false) return;
      expect(doneOf(await run()).text).toBe(doneOf(await run()).text);
    });

    it('a text that ends the answer is not part of it', async () => {
      const whole = doneOf(await run()).text;
      const end = whole.slice(Math.ceil(whole.length / 2), Math.ceil(whole.length / 2) + 2);
      const { text, finish } = doneOf(await run({ stop: [end] }));
      expect(finish).toBe('stop');
      expect(text).toBe(whole.slice(0, whole.indexOf(end)));
    });

    it('an answer ends at maxTokens', async () => {
      const { finish, timings } = doneOf(await run({ maxTokens: 2 }));
      expect(finish).toBe('length');
      expect(timings.newTokens).toBeLessThanOrEqual(2);
    });

    it('a signal ends the answer as cancelled, with the text so far, and the next request is answered', async () => {
      const stop = new AbortController();
      const events: Event[] = [];
      const request = { prompt: subject.longPrompt ?? subject.prompt, maxTokens: 64 };
      for await (const event of subject.runtime.generate(request, stop.signal)) {
        events.push(event);
        if (event.type === 'token') stop.abort();
      }
      expect(doneOf(events).finish).toBe('cancelled');
      expect(doneOf(events).text).toBe(textOf(events));
      expect(doneOf(await run({ maxTokens: 2 })).finish).toBe('length');
    });

    it('a signal that was given before the request ends it at once', async () => {
      const events = await run({}, AbortSignal.abort()).catch((error: unknown) => error);
      if (events instanceof Error) expect(events).toMatchObject({ code: 'core/aborted' });
      else expect(doneOf(events as Event[]).finish).toBe('cancelled');
    });

    it('a reader that leaves early frees the runtime for the next request', async () => {
      for await (const event of subject.runtime.generate({ prompt: subject.prompt, maxTokens: 64 }))
        if (event.type === 'token') break;
      expect(doneOf(await run({ maxTokens: 2 })).finish).toBe('length');
    });

    it('what cannot be done is refused by code', async () => {
      await expect(run({ maxTokens: 0 })).rejects.toMatchObject({ code: 'engine/request' });
      await expect(run({ sampling: { topP: 7 } })).rejects.toMatchObject({ code: 'engine/request' });
      await expect(run({ adapters: [{ id: 'none', weight: 1 }] })).rejects.toMatchObject({
        code: can(kind, 'adapters') ? 'engine/unknown-adapter' : 'engine/no-capability',
      });
      if (!can(kind, 'logits'))
        await expect(run({ logprobs: true })).rejects.toMatchObject({ code: 'engine/no-capability' });
      await expect(run({}, undefined, subject.empty as typeof subject.runtime)).rejects.toMatchObject({
        code: 'engine/no-model',
      });
    });

    it('token ids are read, or refused in words', async () => {
      if (can(kind, 'logits')) expect(doneOf(await run({ prompt: { ids: [1, 2, 3] } })).timings.promptTokens).toBe(3);
      else
        await expect(run({ prompt: { ids: [1, 2, 3] } })).rejects.toMatchObject({
          code: 'engine/request',
          message: expect.stringContaining('not token ids'),
        });
    });

    it('once disposed it has no model', async () => {
      await subject.runtime.dispose();
      await expect(run()).rejects.toMatchObject({ code: 'engine/no-model' });
    });
  });
}
