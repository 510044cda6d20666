// What a short convolution reads of earlier tokens survives all that happens to a sequence: pieces of prompts, batches, wrong
// proposals, shared beginnings, blocks given away, ended requests and reloads.

import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { GenerateRequest } from '#lib/engine/engine.ts';
import { modelPath, readExpected } from '../support/fixtures.ts';
import { loadCase, useAdapter } from '../support/golden.ts';
import { testHost } from '../support/host.ts';
import { createMemoryPrefixStore } from '../support/memory-prefix-store.ts';

const { ids } = readExpected('lfm2');
const long = (count: number) => Array.from({ length: count }, (_, i) => ids[(i * i) % ids.length]!);
const prefixes = createMemoryPrefixStore();
let calls = 0;
/** Every step takes as long as any other, so that proposals always seem to pay. */
const engine = createEngine({ ...testHost(null, prefixes), now: () => ++calls });
beforeEach(() => loadCase(engine, 'lfm2', 'f32'));
afterAll(() => engine.dispose());

async function answer(request: Partial<GenerateRequest> & Pick<GenerateRequest, 'prompt'>) {
  let cached = 0;
  const all = { speculate: false, maxTokens: 24, ...request };
  for await (const event of engine.generate(all)) {
    if (event.type === 'start') cached = event.cachedTokens;
    if (event.type === 'done') return { ids: event.ids, cached, timings: event.timings };
  }
  throw new Error('no answer');
}

/** One token at a time, each in a request that computes all before it anew. */
async function stepByStep(prompt: readonly number[], count: number): Promise<number[]> {
  const given = [...prompt];
  for (let i = 0; i < count; i++) {
    const { data, vocab } = await engine.logits(given);
    const last = data.slice(-vocab);
    given.push(last.indexOf(Math.max(...last)));
  }
  return given.slice(prompt.length);
}

it('decodes as if all tokens were read anew each time, over borders of blocks', async () => {
  const prompt = ids.slice(0, 13);
  expect((await answer({ prompt: { ids: prompt } })).ids).toEqual(await stepByStep(prompt, 24));
});

it('reads a prompt of several pieces beside other sequences as it does alone', async () => {
  const prompts = [long(150), long(141), ids, ids.slice(5)].map((of) => ({ prompt: { ids: of }, reusePrefix: false }));
  const alone = [];
  for (const prompt of prompts) alone.push((await answer(prompt)).ids);
  expect(alone[0]).toEqual((await answer({ prompt: { ids: long(150) }, maxTokens: 24, reusePrefix: false })).ids);
  expect((await Promise.all(prompts.map(answer))).map((of) => of.ids)).toEqual(alone);
});

it('goes on from the right place after proposals, right or wrong', async () => {
  const prompt = { ids: [...ids.slice(0, 16), ...ids.slice(0, 16)] };
  const drawn = [0.25, 0.35, 0.45, 0.55].map((temperature, seed) => ({ sampling: { temperature, topK: 5, seed } }));
  const requests: Parameters<typeof answer>[0][] = [{}, ...drawn].map((more) => ({ prompt, maxTokens: 60, ...more }));
  const adapters = await useAdapter(engine, 'lfm2', 'lora');
  requests.push({ prompt, maxTokens: 60, adapters });
  const wanted = await Promise.all(requests.map((request) => answer(request)));
  const alone = [];
  for (const request of requests) alone.push(await answer({ ...request, speculate: true }));
  const batch = await Promise.all(requests.map((request) => answer({ ...request, speculate: true })));
  for (const got of [alone, batch]) expect(got.map((of) => of.ids)).toEqual(wanted.map((of) => of.ids));
  const { proposed, accepted } = (await engine.stats()).tokens;
  expect(accepted).toBeGreaterThan(0);
  expect(proposed).toBeGreaterThan(accepted);
});

describe('a shared beginning', () => {
  it('is taken from the cache, also from that of a request that was ended', async () => {
    const prompt = { ids: [...long(40), ...ids] };
    const fresh = await answer({ prompt, reusePrefix: false });
    const ended = new AbortController();
    for await (const event of engine.generate({ prompt, maxTokens: 60 }, ended.signal))
      if (event.type === 'token') ended.abort();
    expect((await answer({ prompt })).ids).toEqual(fresh.ids);
    expect(await answer({ prompt })).toMatchObject({ ids: fresh.ids, cached: 48 });
    const other = { ids: [...long(40), 7, ...ids] };
    const wanted = (await answer({ prompt: other, reusePrefix: false })).ids;
    expect(await answer({ prompt: other })).toMatchObject({ ids: wanted, cached: 32 });
  });

  it('is read again once its blocks were given to others', async () => {
    const model = { kind: 'directory', path: modelPath('lfm2') } as const;
    for await (const _ of engine.load({ model, dtype: 'f32', contextLength: 64, maxSequences: 1 }));
    const first = await answer({ prompt: { ids: long(40) } });
    expect((await answer({ prompt: { ids: long(40) } })).cached).toBe(32);
    await answer({ prompt: { ids: long(40).reverse() } });
    expect(await answer({ prompt: { ids: long(40) } })).toMatchObject({ ids: first.ids, cached: 0 });
  });

  // In the second model, layers share the keys of earlier ones.
  it.each(['lfm2', 'gemma4'])('of %s comes back after a reload', async (name) => {
    await loadCase(engine, name, 'f32');
    const prompt = { ids: long(50) };
    const before = prefixes.uses;
    const first = await answer({ prompt, keep: true, reusePrefix: true });
    await prefixes.used(before + Math.floor((50 + first.ids.length - 1) / 16));
    const next = { ids: [...prompt.ids, ...first.ids, 5, 6] };
    const wanted = await answer({ prompt: next, reusePrefix: false });
    await loadCase(engine, name, 'f32');
    const cached = Math.floor((50 + first.ids.length - 1) / 16) * 16;
    expect(await answer({ prompt: next, keep: true })).toMatchObject({ ids: wanted.ids, cached });
  });
});
