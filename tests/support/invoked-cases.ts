// Adapters that begin at an invocation (aLoRA), compared with PEFT, as tests of one device.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterUse, Engine, GenerateRequest } from '#lib/engine/engine.ts';
import { changedAdapter, smallAdapter } from './adapter-cases.ts';
import { answer } from './generation-cases.ts';
import { LOGIT_BOUND, relativeError } from './golden.ts';
import { readSmall, smallBases, smallEngine, smallModel, SMALL_ROOT } from './small-model.ts';

interface InvokedCase {
  name: string;
  adapter: 'invoked' | 'invoked-bias';
  ids: number[];
  /** The first position whose logits differ from the base's. */
  first: number | null;
  greedy: number[];
}

const { cases, inAnswer } = readSmall('invoked.json') as {
  cases: InvokedCase[];
  inAnswer: { invocation: number[]; ids: number[]; greedy: number[] };
};
const VOCAB = 60;
const logitsOf = (of: InvokedCase): Float32Array => {
  const before = cases.slice(0, cases.indexOf(of)).reduce((sum, { ids }) => sum + ids.length, 0);
  const bytes = new Uint8Array(readFileSync(join(SMALL_ROOT, 'invoked.f32')));
  return new Float32Array(bytes.buffer).slice(before * VOCAB, (before + of.ids.length) * VOCAB);
};
const INVOCATION = [7, 31, 7];
const NAMES = ['invoked', 'invoked-bias', 'plain', 'in-answer', 'lora-bias'] as const;
type Name = (typeof NAMES)[number];

export function invokedCases(gpu: GPU | null, which: (of: InvokedCase) => boolean = () => true): void {
  let engine: Engine;
  const ids = {} as Record<Name, string>;
  const use = (...names: Name[]): AdapterUse[] => names.map((name) => ({ id: ids[name], weight: 1 }));
  beforeAll(async () => {
    const adapters = {
      invoked: smallAdapter('invoked'),
      'invoked-bias': smallAdapter('invoked-bias'),
      'lora-bias': smallAdapter('lora-bias'),
      plain: await changedAdapter('invoked', () => undefined, { alora_invocation_tokens: null }),
      'in-answer': await changedAdapter('invoked', () => undefined, { alora_invocation_tokens: inAnswer.invocation }),
    };
    engine = await smallEngine(smallBases.plain(), { gpu, adapters, contextLength: 256 });
    for (const path of NAMES) ids[path] = (await engine.loadAdapter({ kind: 'directory', path })).id;
  });
  afterAll(() => engine.dispose());

  const some = cases.filter(which);
  describe.each(some)('an invocation $name', (of) => {
    it('gives the logits of every position and the tokens of PEFT', async () => {
      const { data, vocab } = await engine.logits(of.ids, use(of.adapter));
      expect(vocab).toBe(VOCAB);
      expect(relativeError(data, logitsOf(of))).toBeLessThan(LOGIT_BOUND);
      const base = (await engine.logits(of.ids)).data;
      const differs = data.findIndex((value, i) => value !== base[i]);
      expect(differs < 0 ? null : Math.floor(differs / VOCAB)).toBe(of.first);
      const request = { prompt: { ids: of.ids }, maxTokens: of.greedy.length };
      expect((await answer(engine, { ...request, adapters: use(of.adapter) })).ids).toEqual(of.greedy);
    });
  });

  it('an invocation that only the answer holds changes nothing', async () => {
    const request = { prompt: { ids: inAnswer.ids }, maxTokens: inAnswer.greedy.length, adapters: use('in-answer') };
    expect((await answer(engine, request)).ids).toEqual(inAnswer.greedy);
  });

  it('rows of a batch have adapters from their own invocation on, beside plain adapters and the base', async () => {
    const requests = [
      ...some.map((of): GenerateRequest => ({ prompt: { ids: of.ids }, maxTokens: 12, adapters: use(of.adapter) })),
      { prompt: { ids: inAnswer.ids }, maxTokens: 12 },
      { prompt: { ids: inAnswer.ids }, maxTokens: 12, adapters: use('lora-bias') },
    ].map((request) => ({ ...request, reusePrefix: false }));
    const alone = [];
    for (const request of requests) alone.push((await answer(engine, request)).ids);
    expect(alone.slice(0, some.length)).toEqual(some.map(({ greedy }) => greedy));
    const together = await Promise.all(requests.map((request) => answer(engine, request)));
    expect(together.map((one) => one.ids)).toEqual(alone);
  });

  it('proposed tokens change nothing', async () => {
    // Without its layers a model says after each token always the same one, so its answer falls into a loop.
    const looping = smallModel({
      generation: '{}',
      change(tensors) {
        for (const [name, { data }] of tensors) if (/o_proj|down_proj/.test(name)) data.fill(0);
      },
    });
    let calls = 0;
    // Every step takes as long as any other, so longer steps always seem to pay.
    const settings = { gpu, adapters: { it: smallAdapter('invoked') }, contextLength: 256, now: () => ++calls };
    const repeating = await smallEngine(looping, settings);
    const { id } = await repeating.loadAdapter({ kind: 'directory', path: 'it' });
    const request = { prompt: { ids: cases[1]!.ids }, adapters: [{ id, weight: 0.2 }], maxTokens: 60 };
    const wanted = await answer(repeating, { ...request, speculate: false });
    const got = await answer(repeating, request);
    expect(got.ids).toEqual(wanted.ids);
    expect(got.ids).not.toEqual((await answer(repeating, { ...request, adapters: [] })).ids);
    expect(got.timings.acceptedTokens).toBeGreaterThan(0);
    await repeating.dispose();
  });

  describe('what the base computed', () => {
    const talk = (first: number) => Array.from({ length: 40 }, (_, i) => 33 + ((first + i * i) % 26));
    const read = async (request: Omit<GenerateRequest, 'maxTokens'>) => {
      const { ids: tokens, timings } = await answer(engine, { maxTokens: 8, ...request });
      const { ids: wanted } = await answer(engine, { maxTokens: 8, ...request, reusePrefix: false });
      expect(tokens).toEqual(wanted);
      return { cached: timings.cachedTokens, tokens };
    };

    it('serves every adapter up to its invocation, in turn, and the base goes on behind them', async () => {
      const first = await read({ prompt: { ids: talk(1) } });
      expect(first.cached).toBe(0);
      const whole = [...talk(1), ...first.tokens];
      // Its last token was never run: 47 tokens are two blocks.
      expect((await read({ prompt: { ids: [...whole, ...INVOCATION] }, adapters: use('invoked') })).cached).toBe(32);
      // The adapter's request ran what was missing, before its invocation, as the base does.
      expect((await read({ prompt: { ids: [...whole, 22] }, adapters: use('invoked-bias') })).cached).toBe(48);
      expect((await read({ prompt: { ids: [...whole, 22] }, adapters: use('plain') })).cached).toBe(0);
      const last = await read({ prompt: { ids: [...whole, 5, 6] } });
      expect(last.cached).toBe(48);
      const longer = [...whole, 5, 6, ...last.tokens];
      expect((await read({ prompt: { ids: [...longer, ...INVOCATION] }, adapters: use('invoked') })).cached).toBe(48);
      expect((await read({ prompt: { ids: [...longer, ...INVOCATION] }, adapters: use('invoked') })).cached).toBe(48);
    });

    it('and what an adapter computed, goes on only where the invocation is in the same place', async () => {
      const once = [...talk(2), ...INVOCATION, ...talk(3)];
      expect((await read({ prompt: { ids: once }, adapters: use('invoked') })).cached).toBe(0);
      expect((await read({ prompt: { ids: once }, adapters: use('invoked') })).cached).toBe(80);
      // A later invocation leaves the first one, and all behind it, to the base.
      const twice = [...once, ...INVOCATION, 40];
      expect((await read({ prompt: { ids: twice }, adapters: use('invoked') })).cached).toBe(32);
      expect((await read({ prompt: { ids: twice }, adapters: use('in-answer') })).cached).toBe(80);
      const half = [{ id: ids.invoked, weight: 0.5 }];
      expect((await read({ prompt: { ids: once }, adapters: half })).cached).toBe(32);
    });
  });

  it('in a blend each adapter begins where its own invocation is, and a plain one at the beginning', async () => {
    const prompt = [...inAnswer.ids, 22, 40, 41, ...INVOCATION, 42];
    const logits = async (...names: Name[]) => (await engine.logits(prompt, use(...names))).data;
    const all = await logits('invoked', 'lora-bias', 'invoked-bias');
    const [one, two, three] = [18, 21, prompt.length].map((position) => position * VOCAB);
    expect(all.slice(0, one)).toEqual((await logits('lora-bias')).slice(0, one));
    expect(all.slice(one, two)).toEqual((await logits('lora-bias', 'invoked-bias')).slice(one, two));
    expect(all.slice(one, two)).not.toEqual((await logits('lora-bias')).slice(one, two));
    expect(all.slice(two, three)).not.toEqual((await logits('lora-bias', 'invoked-bias')).slice(two, three));
    const request = { prompt: { ids: prompt }, maxTokens: 8, adapters: use('invoked', 'lora-bias', 'invoked-bias') };
    const again = [];
    for (let i = 0; i < 2; i++) again.push((await answer(engine, request)).ids);
    expect(again[1]).toEqual(again[0]);
  });

  it('is said by the list of adapters, and a request says which are not applied', async () => {
    const listed = await engine.listAdapters();
    const invocations = NAMES.map((name) => listed.find(({ id }) => id === ids[name])?.invocation);
    expect(invocations).toEqual([INVOCATION, [22], undefined, inAnswer.invocation, undefined]);
    const started = async (request: Omit<GenerateRequest, 'maxTokens'>) => {
      for await (const event of engine.generate({ maxTokens: 1, ...request })) if (event.type === 'start') return event;
      throw new Error('no start');
    };
    const prompt = { ids: [40, 41, 22, 42] };
    const adapters = use('invoked', 'plain', 'invoked-bias');
    expect(await started({ prompt, adapters })).toMatchObject({ promptTokens: 4, notInvoked: [ids.invoked] });
    const invoked = await started({ prompt, adapters, invoke: true });
    expect(invoked).toMatchObject({ promptTokens: 8 });
    expect(invoked).not.toHaveProperty('notInvoked');
  });
}
