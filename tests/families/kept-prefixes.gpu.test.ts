// A conversation goes on in a new session as it would have in the old one, and nothing that does not fit is ever used.

import { afterAll, describe, expect, it } from 'vitest';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { CacheDtype, GenerateRequest } from '#lib/engine/engine.ts';
import { readExpected } from '../support/fixtures.ts';
import { loadCase, useAdapter } from '../support/golden.ts';
import { testGpu } from '../support/gpu.ts';
import { testHost } from '../support/host.ts';
import { createMemoryPrefixStore, type MemoryPrefixStore } from '../support/memory-prefix-store.ts';

const { ids } = readExpected('llama3');
const turn = [...ids, ...ids].slice(0, 40);

interface Session {
  run?: string;
  weight?: number;
  dtype?: WeightDtype;
  cache?: CacheDtype;
}

/** What the next session finds. */
let prefixes: MemoryPrefixStore;
const engine = createEngine({
  ...testHost(testGpu()),
  get prefixes() {
    return prefixes;
  },
});
afterAll(() => engine.dispose());

/** One session: loads the model anew, answers once, and waits until all was kept. */
async function session(store: MemoryPrefixStore, more: Partial<GenerateRequest> = {}, of: Session = {}) {
  const { run = 'base', weight = 1, dtype = 'f16', cache } = of;
  prefixes = store;
  await loadCase(engine, 'llama3', dtype, 'best', cache);
  const adapters = await useAdapter(engine, 'llama3', run, weight);
  const request = { prompt: { ids: turn }, maxTokens: 10, adapters, keep: true, ...more };
  const usedBefore = store.uses;
  let cached = -1;
  for await (const event of engine.generate(request)) {
    if (event.type === 'start') cached = event.cachedTokens;
    if (event.type !== 'done') continue;
    const { promptTokens, newTokens } = event.timings;
    const keeps = request.keep && more.reusePrefix !== false;
    // The last token was never run.
    if (keeps) await store.used(usedBefore + Math.floor((promptTokens + newTokens - 1) / 16));
    return { cached, ids: event.ids };
  }
  throw new Error('no answer');
}

describe('after a reload', () => {
  it('the next turn reads only what is new, and says what it would have said', async () => {
    const store = createMemoryPrefixStore();
    const first = await session(store);
    expect(first.cached).toBe(0);
    expect(store.files.size).toBe(3);
    const next = { prompt: { ids: [...turn, ...first.ids, ...ids.slice(0, 5)] } };
    const wanted = await session(createMemoryPrefixStore(), next);
    const got = await session(store, next);
    expect(wanted.cached).toBe(0);
    expect(got).toEqual({ cached: 48, ids: wanted.ids });
  });

  it('works with an adapter, and never for another adapter, weight, precision, model or beginning', async () => {
    const store = createMemoryPrefixStore();
    const first = await session(store, {}, { run: 'lora' });
    expect(await session(store, {}, { run: 'lora' })).toEqual({ cached: 32, ids: first.ids });
    const others: [Partial<GenerateRequest>, Session][] = [
      [{}, {}],
      [{}, { run: 'rslora' }],
      [{}, { run: 'lora', weight: 0.5 }],
      [{}, { run: 'lora', dtype: 'f32' }],
      [{}, { run: 'lora', cache: 'i8' }],
      [{ prompt: { ids: [turn[1]!, ...turn.slice(1)] } }, { run: 'lora' }],
      [{ keep: false }, { run: 'lora' }],
      [{ reusePrefix: false }, { run: 'lora' }],
    ];
    const before = [...store.files.keys()];
    for (const [request, of] of others) {
      const { cached } = await session(store, { ...request, maxTokens: 1 }, of);
      expect(cached, JSON.stringify([request, of])).toBe(0);
    }
    expect(before.every((name) => store.files.has(name))).toBe(true);
  });

  it('goes on from bytes and their scales, too', async () => {
    const store = createMemoryPrefixStore();
    const first = await session(store, {}, { cache: 'i8' });
    expect(await session(store, {}, { cache: 'i8' })).toEqual({ cached: 32, ids: first.ids });
  });

  it.each([
    ['a flipped bit', (file: Uint8Array) => (file[file.length - 1]! ^= 1)],
    ['a flipped bit in its hash', (file: Uint8Array) => (file[40]! ^= 1)],
  ])('%s drops the file, and the prompt is read from there', async (_, damage) => {
    const store = createMemoryPrefixStore();
    const first = await session(store);
    // Written from the last to the first.
    const [, second] = [...store.files.keys()].reverse();
    damage(store.files.get(second!)!);
    const damaged = store.files.get(second!)!;
    expect(await session(store)).toEqual({ cached: 16, ids: first.ids });
    // It was written again, whole.
    expect(store.files.get(second!)).not.toBe(damaged);
    expect(await session(store)).toEqual({ cached: 32, ids: first.ids });
  });
});
