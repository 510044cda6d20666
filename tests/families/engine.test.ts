// The engine's guarantees for one request: endings, cancelling, prefix reuse, refusals. Plain TypeScript kernels.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { GenerateEvent, GenerateRequest } from '#lib/engine/engine.ts';
import { adapterPath, modelPath, openFixture, readExpected } from '../support/fixtures.ts';
import { loadCase } from '../support/golden.ts';
import { testHost } from '../support/host.ts';

const { ids, greedy, vocab } = readExpected('llama3');
const engine = createEngine(testHost(null));
beforeAll(async () => {
  await loadCase(engine, 'llama3', 'f32');
});
afterAll(() => engine.dispose());

async function collect(request: GenerateRequest, signal?: AbortSignal): Promise<GenerateEvent[]> {
  const events: GenerateEvent[] = [];
  for await (const event of engine.generate(request, signal)) events.push(event);
  return events;
}
const doneOf = (events: GenerateEvent[]) => events.find((event) => event.type === 'done')!;

describe('generate', () => {
  it('streams one event per token between start and done', async () => {
    const events = await collect({ prompt: { ids }, maxTokens: 5, logprobs: true });
    expect(events.map(({ type }) => type)).toEqual(['start', 'token', 'token', 'token', 'token', 'token', 'done']);
    const tokens = events.filter((event) => event.type === 'token');
    expect(tokens.map(({ id }) => id)).toEqual(greedy['base']!.slice(0, 5));
    for (const { logprob } of tokens) expect(logprob).toBeLessThanOrEqual(0);
    expect(doneOf(events)).toMatchObject({ finish: 'length', ids: greedy['base']!.slice(0, 5) });
  });

  it('logprobs are those of the logits', async () => {
    const [, token] = await collect({ prompt: { ids }, maxTokens: 1, logprobs: true });
    const { data } = await engine.logits(ids);
    const last = data.subarray((ids.length - 1) * vocab);
    const greatest = Math.max(...last);
    const total = last.reduce((sum, v) => sum + Math.exp(v - greatest), 0);
    expect(token).toMatchObject({ type: 'token' });
    if (token?.type === 'token') expect(token.logprob).toBeCloseTo(last[token.id]! - greatest - Math.log(total), 4);
  });

  it('lists the most likely tokens of every position', async () => {
    const events = await collect({ prompt: { ids }, maxTokens: 4, logprobs: true, topLogprobs: 5 });
    const tokens = events.filter((event) => event.type === 'token');
    const { data } = await engine.logits([...ids, ...tokens.slice(0, 3).map(({ id }) => id)]);
    tokens.forEach(({ id, logprob, top }, i) => {
      const row = data.subarray((ids.length - 1 + i) * vocab, (ids.length + i) * vocab);
      const likely = Array.from(row.keys()).sort((a, b) => row[b]! - row[a]!);
      expect(top!.map((entry) => entry.id)).toEqual(likely.slice(0, 5));
      // Greedy: the first one is the chosen one.
      expect(top![0]).toEqual({ id, logprob });
      expect(top!.map((entry) => entry.logprob)).toEqual(top!.map((entry) => entry.logprob).sort((a, b) => b - a));
    });
  });

  it.each([
    [21, true],
    [1.5, true],
    [2, false],
  ])('refuses topLogprobs %d with logprobs %s', async (topLogprobs, logprobs) => {
    await expect(collect({ prompt: { ids }, maxTokens: 1, logprobs, topLogprobs })).rejects.toMatchObject({
      code: 'engine/request',
    });
  });

  it('is the same with the same seed, and differs with another', async () => {
    const run = async (seed: number) =>
      doneOf(await collect({ prompt: { ids }, maxTokens: 12, sampling: { temperature: 1.5, seed } })).ids;
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });

  it('a repetition penalty avoids tokens seen before', async () => {
    const plain = doneOf(await collect({ prompt: { ids }, maxTokens: 8 })).ids;
    const sampling = { repetitionPenalty: 50 };
    const penalised = doneOf(await collect({ prompt: { ids }, maxTokens: 8, sampling })).ids;
    expect(new Set(plain).size).toBeLessThan(8);
    expect(new Set(penalised).size).toBe(8);
    for (const id of penalised) expect(ids).not.toContain(id);
  });

  it('stops within a step when cancelled by its signal, and when the reader leaves', async () => {
    const stop = new AbortController();
    const seen: GenerateEvent[] = [];
    for await (const event of engine.generate({ prompt: { ids }, maxTokens: 200 }, stop.signal)) {
      seen.push(event);
      if (event.type === 'token') stop.abort();
    }
    expect(doneOf(seen)).toMatchObject({ finish: 'cancelled' });
    expect(seen.length).toBeLessThan(9);
    for await (const event of engine.generate({ prompt: { ids }, maxTokens: 200 })) if (event.type === 'token') break;
    const events = await collect({ prompt: { ids }, maxTokens: 3 });
    expect(doneOf(events)).toMatchObject({ ids: greedy['base']!.slice(0, 3) });
    expect((await engine.stats()).kvBlocks).toMatchObject({ total: expect.any(Number) as number });
  });

  it('reuses a known prefix and answers the same', async () => {
    const long = [...ids, ...ids].slice(0, 50);
    const first = await collect({ prompt: { ids: long }, maxTokens: 4 });
    const second = await collect({ prompt: { ids: long }, maxTokens: 4 });
    expect(second[0]).toEqual({ type: 'start', promptTokens: 50, cachedTokens: 48, prompt: null });
    expect(doneOf(second)).toMatchObject({ ids: doneOf(first).ids });
    const whole = await collect({ prompt: { ids: long }, maxTokens: 4, reusePrefix: false });
    expect(whole[0]).toMatchObject({ cachedTokens: 0 });
    expect(doneOf(whole)).toMatchObject({ ids: doneOf(first).ids });
  });

  it('does not reuse a prefix under another adapter', async () => {
    const { id } = await engine.loadAdapter({ kind: 'directory', path: adapterPath('llama3', 'lora') });
    const events = await collect({ prompt: { ids }, adapters: [{ id, weight: 1 }], maxTokens: 16 });
    expect(events[0]).toMatchObject({ cachedTokens: 0 });
    expect(doneOf(events)).toMatchObject({ ids: greedy['lora'] });
  });

  it('runs more requests than it has sequences, and ends at the context', async () => {
    const answers = await Promise.all(
      Array.from(
        { length: 40 },
        async () => doneOf(await collect({ prompt: { ids: ids.slice(0, 3) }, maxTokens: 3 })).ids,
      ),
    );
    expect(new Set(answers.map(String)).size).toBe(1);
    const nearlyFull = Array.from({ length: 254 }, (_, i) => ids[i % ids.length]!);
    const last = doneOf(await collect({ prompt: { ids: nearlyFull }, maxTokens: 99 }));
    expect(last).toMatchObject({ finish: 'length' });
    expect(last.ids).toHaveLength(3);
  });
});

describe('refusals', () => {
  it.each<[string, GenerateRequest, RegExp]>([
    ['an empty prompt', { prompt: { ids: [] }, maxTokens: 1 }, /prompt is empty/],
    ['an id outside the vocabulary', { prompt: { ids: [3, 308] }, maxTokens: 1 }, /308 at position 1/],
    ['a fractional id', { prompt: { ids: [1.5] }, maxTokens: 1 }, /1\.5/],
    ['a prompt longer than the context', { prompt: { ids: Array<number>(257).fill(3) }, maxTokens: 1 }, /257 tokens/],
    ['no tokens', { prompt: { ids }, maxTokens: 0 }, /maxTokens/],
    ['a negative temperature', { prompt: { ids }, maxTokens: 1, sampling: { temperature: -1 } }, /temperature/],
    ['an unknown adapter', { prompt: { ids }, maxTokens: 1, adapters: [{ id: 'none', weight: 1 }] }, /No adapter/],
    ['text without a tokenizer', { prompt: { text: 'hi' }, maxTokens: 1 }, /tokenizer/],
  ])('%s', async (_, request, message) => {
    await expect(collect(request)).rejects.toThrow(message);
  });

  it('an adapter whose own head would be blended', async () => {
    const head = await engine.loadAdapter({ kind: 'directory', path: adapterPath('llama3', 'head') });
    const adapters = [{ id: head.id, weight: 0.5 }];
    await expect(collect({ prompt: { ids }, adapters, maxTokens: 1 })).rejects.toThrow(/own output head/);
  });

  it('an adapter made for another shape, by tensor name', async () => {
    await expect(engine.loadAdapter({ kind: 'directory', path: adapterPath('gemma3', 'lora') })).rejects.toThrow(
      /base model/,
    );
  });

  it('weights that are not finite, by tensor name; the engine stays usable', async () => {
    const weights = await openFixture(modelPath('llama3')).read('model.safetensors', 0, 599728);
    new DataView(weights.buffer).setFloat32(weights.length - 400, NaN, true);
    const broken = createEngine({
      ...testHost(null),
      openFolder: () => openFixture(modelPath('llama3'), { 'model.safetensors': weights }),
    });
    const load = async () => {
      for await (const { type } of broken.load({ model: { kind: 'directory', path: '' }, dtype: 'f32' }))
        expect(type).not.toBe('ready');
    };
    await expect(load()).rejects.toThrow(/tensor ".*" .*not finite|not finite/);
    await expect(load()).rejects.toThrow(/not finite/);
  });
});
