// Effects of GPU failures on waiting requests: a lost device costs time and changes no token, other failures give an error, and
// the engine works again afterwards.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PayableError } from '#lib/core/errors.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { AdapterUse, Engine, GenerateRequest } from '#lib/engine/engine.ts';
import { failingGpu, type FailingGpu } from '../support/failing-gpu.ts';
import { readExpected } from '../support/fixtures.ts';
import { greedy, loadCase, useAdapter } from '../support/golden.ts';
import { gatedFolder, type GatedFolder } from '../support/gated-folder.ts';
import { testHost } from '../support/host.ts';

const NAME = 'llama3';
const { ids } = readExpected(NAME);

let failing: FailingGpu;
let engine: Engine;
beforeEach(() => {
  failing = failingGpu();
  engine = createEngine(testHost(failing.gpu));
});
afterEach(() => engine.dispose());

/** Runs to the end; `onTokens` is called once, after that many tokens. */
async function answer(request: GenerateRequest, tokens = Infinity, onTokens = () => Promise.resolve()) {
  const shown: string[] = [];
  const types: string[] = [];
  let seen = 0;
  for await (const event of engine.generate(request)) {
    types.push(event.type);
    if (event.type === 'token') {
      shown.push(event.text);
      if (++seen === tokens) await onTokens();
    }
    if (event.type === 'done') return { ids: event.ids, finish: event.finish, text: shown.join(''), types };
  }
  throw new Error('no answer');
}

const refusal = async (work: Promise<unknown>): Promise<PayableError> =>
  work.then(
    () => expect.fail('it should have been refused'),
    (error: unknown) => error as PayableError,
  );

/** Base and adapters, greedy and sampled, with and without penalties. */
async function requests(): Promise<GenerateRequest[]> {
  const uses: AdapterUse[][] = [];
  for (const run of ['base', 'lora', 'dora', 'head']) uses.push(await useAdapter(engine, NAME, run));
  return uses.flatMap((adapters, i): GenerateRequest[] => [
    { prompt: { ids: ids.slice(0, 5 + i) }, adapters, maxTokens: 24 },
    {
      prompt: { ids: ids.slice(i, 18) },
      adapters,
      maxTokens: 20 + i,
      sampling: { temperature: 1.3, topP: 0.95, seed: 11 * i, repetitionPenalty: 1.2, frequencyPenalty: 0.3 },
    },
  ]);
}

describe('a lost device', () => {
  it('in the middle of eight answers changes none of their tokens', async () => {
    await loadCase(engine, NAME, 'q8');
    const all = await requests();
    await engine.pinAdapter(all[2]!.adapters![0]!.id, true);
    const undisturbed = await Promise.all(all.map((request) => answer(request)));
    const disturbed = await Promise.all(
      all.map((request, i) => (i === 0 ? answer(request, 7, () => failing.lose()) : answer(request))),
    );
    expect(failing.opened).toBe(2);
    expect(disturbed).toEqual(undisturbed);
    const listed = await engine.listAdapters();
    expect(listed.filter(({ pinned }) => pinned).map(({ id }) => id)).toEqual([all[2]!.adapters![0]!.id]);
  });

  it('does not disturb concurrent reads of logits or loads of adapters', async () => {
    await loadCase(engine, NAME, 'f32');
    const before = await engine.logits(ids);
    const [logits, adapter] = await Promise.all([
      engine.logits(ids),
      engine.loadAdapter({ kind: 'directory', path: 'tests/fixtures/models/llama3/lora' }),
      failing.lose(),
    ]);
    expect(logits.data).toEqual(before.data);
    expect(await engine.listAdapters()).toMatchObject([{ id: adapter.id }]);
  });

  it('leaves each adapter to its own folder: one that never answers or fails holds up no other request', async () => {
    await engine.dispose();
    const gates: GatedFolder[] = [];
    const host = testHost(failing.gpu);
    engine = createEngine({
      ...host,
      openFolder(ref) {
        const gate = gatedFolder(host.openFolder(ref));
        gates.push(gate);
        return gate;
      },
    });
    await loadCase(engine, NAME, 'f32');
    const runs = ['lora', 'dora', 'head', 'base'];
    const uses: AdapterUse[][] = [];
    for (const run of runs) uses.push(await useAdapter(engine, NAME, run));
    const ask = (adapters: AdapterUse[]) => answer({ prompt: { ids }, adapters, maxTokens: 12 });
    const before = await Promise.all(uses.map(ask));
    const [, silent, broken] = gates as [GatedFolder, GatedFolder, GatedFolder];
    silent.close();
    broken.close();
    await failing.lose();

    const [late, failed, ...others] = uses.map(ask);
    expect(await Promise.all(others)).toEqual(before.slice(2));
    expect((await engine.listAdapters()).map(({ id }) => id)).toEqual(uses.slice(0, 3).map(([use]) => use!.id));
    await broken.reached();
    const reason = new FormatError('a folder', 'it was taken away');
    broken.fail(reason);
    expect(await refusal(failed!)).toBe(reason);
    silent.open();
    expect(await late).toEqual(before[0]);
  });

  it('ends an answer with an error when it happens twice, and the next answer is right', async () => {
    await loadCase(engine, NAME, 'f32');
    const alone = await greedy(engine, ids, [], 8);
    let seen = 0;
    const twice = async () => {
      for await (const event of engine.generate({ prompt: { ids }, maxTokens: 60 })) {
        if (event.type === 'token' && ++seen % 8 === 0) await failing.lose();
      }
    };
    const error = await refusal(twice());
    expect(error).toMatchObject({ code: 'webgpu/lost' });
    expect(error.hint).toBeTruthy();
    expect(seen).toBeGreaterThan(8);
    expect(await greedy(engine, ids, [], 8)).toEqual(alone);
  });

  it('ends answers with an error while it cannot be recreated, and works when it can', async () => {
    await loadCase(engine, NAME, 'f32');
    const alone = await greedy(engine, ids, [], 8);
    failing.refuseDevices(true);
    const lost = answer({ prompt: { ids }, maxTokens: 40 }, 3, () => failing.lose());
    expect(await refusal(lost)).toMatchObject({
      code: 'engine/rebuild',
      message: expect.stringContaining('would not open a device') as string,
    });
    failing.refuseDevices(false);
    expect(await greedy(engine, ids, [], 8)).toEqual(alone);
  });

  it('lets an answer be cancelled while the model is loaded again', async () => {
    await loadCase(engine, NAME, 'f32');
    const stop = new AbortController();
    const finish: string[] = [];
    let seen = 0;
    for await (const event of engine.generate({ prompt: { ids }, maxTokens: 60 }, stop.signal)) {
      if (event.type === 'token' && ++seen === 4) {
        await failing.lose();
        setTimeout(() => stop.abort());
      }
      if (event.type === 'done') finish.push(event.finish);
    }
    expect(finish).toEqual(['cancelled']);
    expect(await greedy(engine, ids, [], 4)).toHaveLength(4);
  });
});

describe('too little memory', () => {
  it.each([
    ['layer 1 qkv weights', /Out of GPU memory: layer 1 qkv weights needs 0\.\d+ MiB/],
    ['layer 2 cache', /Out of GPU memory: layer 2 cache needs/],
  ])('for %s ends the load with its name and a remedy; the next load works', async (label, message) => {
    failing.starve(new RegExp(`^${label}`));
    const error = await refusal(loadCase(engine, NAME, 'f32'));
    expect(error).toMatchObject({ code: 'webgpu/out-of-memory', message: expect.stringMatching(message) as string });
    expect(error.hint).toMatch(/smaller/);
    expect(await refusal(greedy(engine, ids, [], 1))).toMatchObject({ code: 'engine/no-model' });
    failing.starve(null);
    await loadCase(engine, NAME, 'f32');
    expect(await greedy(engine, ids, [], 4)).toEqual(readExpected(NAME).greedy['base']!.slice(0, 4));
  });

  it('for a cache larger than one buffer reports the wanted and the available size', async () => {
    const model = { kind: 'directory', path: 'tests/fixtures/models/llama3' } as const;
    const load = async () => {
      for await (const { type } of engine.load({ model, dtype: 'f32', limits: 'default', maxSequences: 2 ** 19 })) {
        expect(type).toBe('progress');
      }
    };
    expect((await refusal(load())).message).toMatch(/needs \d+\.\d MiB, the device allows 128\.0 MiB/);
    await loadCase(engine, NAME, 'f32');
  });

  it('for an adapter ends its answer with its name; the model still serves the next one', async () => {
    await loadCase(engine, NAME, 'f32');
    const head = await useAdapter(engine, NAME, 'head');
    failing.starve(/head weights$/);
    const error = await refusal(greedy(engine, ids, head, 4));
    expect(error).toMatchObject({
      code: 'webgpu/out-of-memory',
      message: expect.stringContaining('head head') as string,
    });
    failing.starve(null);
    const { greedy: expected } = readExpected(NAME);
    expect(await greedy(engine, ids, [], 4)).toEqual(expected['base']!.slice(0, 4));
    expect(await greedy(engine, ids, head, 4)).toEqual(expected['head']!.slice(0, 4));
  });
});

it('a refused command ends the answer with an error before any token that was not computed', async () => {
  await loadCase(engine, NAME, 'f32');
  const alone = await greedy(engine, ids, [], 12);
  const seen: number[] = [];
  const broken = async () => {
    for await (const event of engine.generate({ prompt: { ids }, maxTokens: 12 })) {
      if (event.type !== 'token') continue;
      seen.push(event.id);
      if (seen.length === 3) failing.refuseSubmits();
    }
  };
  expect(await refusal(broken())).toMatchObject({ code: 'webgpu/validation' });
  expect(seen).toEqual(alone.slice(0, seen.length));
  expect(seen.length).toBeLessThan(12);
  expect(await greedy(engine, ids, [], 12)).toEqual(alone);
});
