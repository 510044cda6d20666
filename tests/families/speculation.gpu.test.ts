// Speculation changes when tokens come, never which: for every kind of family, for adapters, batches and draws.

import { afterAll, describe, expect, it } from 'vitest';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { GenerateRequest, SamplingSettings } from '#lib/engine/engine.ts';
import { readExpected } from '../support/fixtures.ts';
import { loadCase, useAdapter } from '../support/golden.ts';
import { testGpu } from '../support/gpu.ts';
import { testHost } from '../support/host.ts';

let calls = 0;
/** Every step takes as long as any other, so longer steps always seem to pay. */
const engine = createEngine({ ...testHost(testGpu()), now: () => ++calls });
afterAll(() => engine.dispose());

async function answer(request: GenerateRequest) {
  const logprobs: (number | undefined)[] = [];
  for await (const event of engine.generate({ logprobs: true, ...request })) {
    if (event.type === 'token') logprobs.push(event.logprob);
    if (event.type === 'done') return { ids: event.ids, logprobs, timings: event.timings };
  }
  throw new Error('no answer');
}
const what = ({ ids, logprobs }: Awaited<ReturnType<typeof answer>>) => ({ ids, logprobs });

/** Says everything twice, so that what follows may be guessed, rightly or wrongly. */
const twice = (ids: readonly number[]) => ({ ids: [...ids.slice(0, 16), ...ids.slice(0, 16)] });

// Experts, latent attention, ALiBi, windows with soft caps.
describe.each(['llama3', 'qwen3_moe', 'deepseek_v3', 'bloom', 'gemma2'])('%s', (name) => {
  it('says the same with the same probabilities, alone and in a batch', async () => {
    await loadCase(engine, name, 'f32');
    const { ids, adapters } = readExpected(name);
    const shared = { prompt: twice(ids), maxTokens: 32 };
    const requests: GenerateRequest[] = [
      shared,
      { ...shared, adapters: await useAdapter(engine, name, adapters[0]!) },
      { ...shared, sampling: { temperature: 0.3, topK: 5, seed: 5 } },
    ];
    const wanted = await Promise.all(requests.map((request) => answer({ ...request, speculate: false })));
    expect((await engine.stats()).tokens.proposed).toBe(0);
    const alone = [];
    for (const request of requests) alone.push(await answer(request));
    const batch = await Promise.all(requests.map((request) => answer(request)));
    expect(alone.map(what)).toEqual(wanted.map(what));
    expect(batch.map(what)).toEqual(wanted.map(what));
    const { tokens } = await engine.stats();
    const answers = [...alone, ...batch];
    const sum = (key: 'proposedTokens' | 'acceptedTokens') => answers.reduce((all, one) => all + one.timings[key], 0);
    // Some were right and some were wrong, and both are counted.
    expect([tokens.proposed, tokens.accepted]).toEqual([sum('proposedTokens'), sum('acceptedTokens')]);
    expect(tokens.accepted).toBeGreaterThan(0);
    expect(tokens.proposed).toBeGreaterThan(tokens.accepted);
  });
});

it('proposes nothing to a request with penalties or constraints, whose draws depend on all tokens before', async () => {
  const { ids } = readExpected('llama3');
  await loadCase(engine, 'llama3', 'f32');
  const ways: SamplingSettings[] = [{ repetitionPenalty: 1.01 }, { frequencyPenalty: 0.01 }, { noRepeatNgramSize: 30 }];
  const requests = ways.map((sampling): GenerateRequest => ({ prompt: twice(ids), maxTokens: 24, sampling }));
  const wanted = await Promise.all(requests.map((request) => answer({ ...request, speculate: false })));
  // Beside one that speculates: what its steps leave in the slots is right for all.
  const [beside, ...got] = await Promise.all([{ prompt: twice(ids), maxTokens: 32 }, ...requests].map(answer));
  expect(got.map(what)).toEqual(wanted.map(what));
  expect(got.map(({ timings }) => timings.proposedTokens)).toEqual([0, 0, 0]);
  expect(beside!.timings.proposedTokens).toBeGreaterThan(0);
});
