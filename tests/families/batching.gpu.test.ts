// Sequences of a batch do not influence each other: many sequences with many adapters give what each gives alone.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { AdapterUse, GenerateRequest } from '#lib/engine/engine.ts';
import { createRng } from '#lib/core/rng.ts';
import { adapterPath, modelPath, readExpected } from '../support/fixtures.ts';
import { loadCase, useAdapter } from '../support/golden.ts';
import { cardLikeGpu, testGpu } from '../support/gpu.ts';
import { testHost } from '../support/host.ts';

const NAME = 'llama3';
const { adapters: runs, ids: source } = readExpected(NAME);

describe.each<[WeightDtype, string, number, () => GPU]>([
  ['f32', 'software adapters', 24, testGpu],
  ['q4', 'real GPUs', 9, cardLikeGpu],
])('llama3 in %s with the kernels for %s', (dtype, _, count, gpu) => {
  const engine = createEngine(testHost(gpu()));
  const uses = new Map<string, AdapterUse[]>();
  beforeAll(async () => {
    await loadCase(engine, NAME, dtype);
    for (const run of ['base', ...runs]) uses.set(run, await useAdapter(engine, NAME, run));
  });
  afterAll(() => engine.dispose());

  const answer = async (request: GenerateRequest) => {
    for await (const event of engine.generate(request)) if (event.type === 'done') return event.ids;
    throw new Error('no answer');
  };
  const random = createRng(3);
  const requests = Array.from({ length: count }, (_, i): GenerateRequest => {
    const run = ['base', ...runs][i % (runs.length + 1)]!;
    const first = random.below(20);
    return {
      prompt: { ids: source.slice(first, first + 3 + random.below(9)) },
      adapters: uses.get(run)!,
      maxTokens: 4 + random.below(12),
      sampling: i % 3 === 0 ? {} : { temperature: 0.9, topP: 0.95, seed: i },
    };
  });
  const withAdapters = () =>
    requests.map((request, i) => ({ ...request, adapters: uses.get(['base', ...runs][i % (runs.length + 1)]!)! }));

  it(`gives ${count} concurrent requests over 6 adapters and the base what each gives alone, in any order`, async () => {
    const all = withAdapters();
    const alone: number[][] = [];
    for (const request of all) alone.push(await answer(request));
    expect(await Promise.all(all.map(answer))).toEqual(alone);
    const order = [...all.keys()].sort((a, b) => ((a * 7) % count) - ((b * 7) % count));
    const shuffled = await Promise.all(order.map((i) => answer(all[i]!)));
    expect(shuffled).toEqual(order.map((i) => alone[i]));
  });

  it('is bit-identical to the base with every adapter at weight 0, and not at weight 1', async () => {
    const base = await engine.logits(source);
    for (const run of runs) {
      const [use] = uses.get(run)!;
      expect((await engine.logits(source, [{ id: use!.id, weight: 0 }])).data).toEqual(base.data);
      expect((await engine.logits(source, [use!])).data).not.toEqual(base.data);
    }
  });

  it('blends adapters by weight: two halves of one adapter are that adapter', async () => {
    const [lora] = uses.get('lora')!;
    const [rslora] = uses.get('rslora')!;
    const blend = await engine.logits(source, [
      { id: lora!.id, weight: 1 },
      { id: rslora!.id, weight: 0 },
    ]);
    const alone = await engine.logits(source, [lora!]);
    expect(blend.data).toEqual(alone.data);
    const both = await engine.logits(source, [
      { id: lora!.id, weight: 0.5 },
      { id: rslora!.id, weight: 0.5 },
    ]);
    expect(both.data).not.toEqual(alone.data);
  });
});

describe('eviction', () => {
  it.each([
    ['RAM', 512 << 20],
    ['disk', 1],
  ])('gives the same tokens after an adapter was evicted to %s and came back; pinned ones stay', async (tier, ram) => {
    const engine = createEngine(testHost(testGpu()));
    const model = { kind: 'directory', path: modelPath(NAME) } as const;
    // Eight pages: rank64 takes most of them, so the others cannot all stay.
    const budget = { adapterPoolBytes: 1, adapterRamBytes: ram };
    for await (const event of engine.load({ model, dtype: 'f32', ...budget })) expect(event.type).toBeTruthy();
    const ids = source.slice(0, 8);
    const uses = new Map<string, AdapterUse>();
    for (const run of runs) {
      const { id } = await engine.loadAdapter({ kind: 'directory', path: adapterPath(NAME, run) });
      uses.set(run, { id, weight: 1 });
    }
    const answer = async (run: string) => {
      for await (const event of engine.generate({ prompt: { ids }, adapters: [uses.get(run)!], maxTokens: 6 })) {
        if (event.type === 'done') return event.ids;
      }
      return [];
    };
    const first: number[][] = [];
    for (const run of runs) first.push(await answer(run));
    await engine.pinAdapter(uses.get('lora')!.id, true);
    await answer('lora');
    const second: number[][] = [];
    for (const run of runs) second.push(await answer(run));
    expect(second).toEqual(first);
    const { adapters } = await engine.stats();
    expect(adapters.evictions).toBeGreaterThan(0);
    const listed = await engine.listAdapters();
    expect(listed.find(({ id }) => id === uses.get('lora')!.id)).toMatchObject({ tier: 'gpu', pinned: true });
    expect(listed.some((adapter) => adapter.tier === tier.toLowerCase())).toBe(true);
    await engine.dispose();
  });
});
