// Training runs on the engine's plain kernels: what they tell, that nothing interrupts them for good, and that the bits of the result do
// not depend on interruptions.

import { beforeAll, describe, expect, it } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { createRng } from '#lib/core/rng.ts';
import { hashAdapter } from '#lib/factory/manifest-of.ts';
import { ownSources } from '#lib/factory/own-sources.ts';
import { createRunStore } from '#lib/factory/run-store.ts';
import { parseTrainingManifest } from '#lib/factory/training-manifest.ts';
import { findBrokenLink } from '#lib/factory/checkpoint-chain.ts';
import { GpuLostError, GpuMemoryError } from '#lib/webgpu/errors.ts';
import { memoryRunFiles } from '#tests/support/memory-run-files.ts';
import {
  resultOf,
  runTraining,
  tinyInput,
  tinyRecipe,
  tinySettings,
  tinySource,
  tinyTraining,
  type TinyTraining,
} from '#tests/support/tiny-run.ts';
import { trainAdapter } from './train-adapter.ts';
import type { TrainEvent, TrainResult } from './train-event.ts';

let context: TinyTraining;
let events: TrainEvent[];
let whole: TrainResult;
beforeAll(async () => {
  context = await tinyTraining();
  events = await runTraining(context, tinyInput());
  whole = resultOf(events);
});

const again = (): TinyTraining => ({ ...context, runs: memoryRunFiles() });
const typesOf = (list: readonly TrainEvent[]) => list.map(({ type }) => type);
const only = <T extends TrainEvent['type']>(list: readonly TrainEvent[], type: T) =>
  list.filter((event): event is Extract<TrainEvent, { type: T }> => event.type === type);
const manifestOf = (result: TrainResult, job = 0) => parseTrainingManifest(result.manifests[job]!, 'manifest');
/** The engine, whose steps call `before` first. */
const withSteps = (of: TinyTraining, before: (call: number) => void): TinyTraining => {
  let call = 0;
  const trainStep: TinyTraining['engine']['trainStep'] = async (...args) => {
    before(call++);
    return of.engine.trainStep(...args);
  };
  return { ...of, engine: { ...of.engine, trainStep } };
};
/** A process that ends at its `calls`-th step: its store takes nothing more. */
const killedAt = (of: TinyTraining, calls: number): TinyTraining => {
  let isDead = false;
  const killed = withSteps(of, (call) => {
    isDead = call >= calls;
    if (isDead) throw new Error('killed');
  });
  const write: TinyTraining['runs']['write'] = (...args) =>
    isDead ? Promise.reject(new Error('killed')) : of.runs.write(...args);
  return { ...killed, runs: { ...of.runs, write } };
};

describe('a run', () => {
  it('prepares, estimates, steps, validates and ends with an adapter that learned', () => {
    const types = typesOf(events).filter((type) => type !== 'preparing' && type !== 'saved');
    const round = [...Array<string>(2).fill('step'), 'validation'];
    expect(types).toEqual(['prepared', 'estimate', ...round, ...round, ...round, 'done']);
    const losses = only(events, 'step').map(({ jobs }) => jobs[0]!.loss);
    const meanOf = (list: readonly number[]) => list.reduce((sum, loss) => sum + loss, 0) / list.length;
    expect(meanOf(losses.slice(-3))).toBeLessThan(meanOf(losses.slice(0, 3)));
    expect(only(events, 'step').at(-1)).toMatchObject({ step: 6, steps: 6, secondsLeft: 0 });
    expect(only(events, 'estimate')[0]!.estimate).toMatchObject({
      ...{ steps: 6, tokens: only(events, 'step').at(-1)!.tokens },
      tokensPerSecond: expect.toSatisfy((rate: number) => rate > 0) as number,
    });
  });

  it('takes its warm-up steps back: the first step begins with an adapter that changes nothing', async () => {
    const { engine } = context;
    const first = only(events, 'step')[0]!.jobs[0]!;
    const plain = await runTraining(
      again(),
      tinyInput({
        settings: tinySettings({
          jobs: [{ name: 'letters', recipe: tinyRecipe({ seed: 1, maxSteps: 1 }), from: null }],
        }),
      }),
    );
    expect(only(plain, 'step')[0]!.jobs[0]!.loss).toBe(first.loss);
    await expect(engine.trainedAdapters()).rejects.toMatchObject({ code: 'training/closed' });
  });

  it('has a manifest whose chain holds and whose adapter is the one that the engine loads', async () => {
    const manifest = manifestOf(whole);
    expect(findBrokenLink(manifest.chain, context.digester)).toBeNull();
    expect(manifest.chain.map(({ step }) => step)).toEqual([0, 2, 4, 6]);
    expect(manifest).toMatchObject({ steps: 6, job: 0, devices: [expect.stringContaining('reference') as string] });
    expect(manifest.losses).toEqual(only(events, 'step').map(({ jobs }) => jobs[0]!.loss));
    const [adapter] = whole.adapters;
    expect(manifest.adapter).toEqual({ step: whole.steps[0], sha256: await hashAdapter(adapter!) });
    const files = adapter!.files.map(({ path, bytes }) => ({ path, file: new Blob([bytes]) }));
    const { id } = await context.engine.loadAdapter({ kind: 'files', name: 'letters', files });
    expect(id).toBe(manifest.adapter.sha256);
    await context.engine.unloadAdapter(id);
  });

  it('is kept: a second call gives the same result, and the list shows its curve', async () => {
    const second = trainAdapter(context, tinyInput(), { signal: new AbortController().signal });
    expect((await second.next()).value).toEqual({ type: 'done', result: whole });
    expect((await second.next()).done).toBe(true);
    const [record] = await createRunStore(context.runs, context.digester).list();
    expect(record).toMatchObject({
      run: 'letters',
      state: 'done',
      step: 6,
      steps: 6,
      sources: ['letters'],
      slot: null,
    });
    expect(record!.curve.map(({ step }) => step)).toEqual(Array.from({ length: 6 }, (_, at) => at + 1));
    expect(record!.validations.map(({ step }) => step)).toEqual([2, 4, 6]);
  });
});

describe('an interrupted run', () => {
  it('that is killed at random steps ends with the same bits', async () => {
    const rng = createRng(17);
    const runs = memoryRunFiles();
    const resumedAt = new Set<number>();
    for (let kill = 0; kill < 10; kill++) {
      const kept = await createRunStore(runs, context.digester).load('letters');
      const done = kept?.progress.step ?? 0;
      resumedAt.add(done);
      // The first two steps of a new run are the warm-up.
      const calls = rng.below(6 - done) + (kept ? 0 : 2);
      await expect(runTraining(killedAt({ ...context, runs }, calls), tinyInput())).rejects.toThrow('killed');
      if (done >= 4 && kill < 9) runs.files.clear();
    }
    expect([...resumedAt].sort()).toEqual([0, 2, 4]);
    // The last session has an engine of its own, as after a reload.
    const done = resultOf(await runTraining(await tinyTraining(runs), tinyInput()));
    expect(done).toEqual(whole);
  });

  it('is paused by its signal and goes on where it was', async () => {
    const paused = again();
    const stop = new AbortController();
    const first = await runTraining(paused, tinyInput(), {
      signal: stop.signal,
      onEvent: (event) => event.type === 'step' && event.step === 3 && stop.abort(),
    });
    expect(typesOf(first).slice(-2)).toEqual(['saved', 'paused']);
    expect(first.at(-1)).toEqual({ type: 'paused', step: 3 });
    expect(await createRunStore(paused.runs, paused.digester).list()).toMatchObject([{ state: 'paused', step: 3 }]);
    const rest = await runTraining(paused, tinyInput());
    expect(only(rest, 'resumed')).toEqual([{ type: 'resumed', step: 3 }]);
    expect(only(rest, 'step')[0]!.step).toBe(4);
    expect(only(rest, 'step')[0]!.tokens).toBeGreaterThan(only(first, 'step').at(-1)!.tokens);
    expect(resultOf(rest)).toEqual(whole);
  });

  it('is paused while it answers a prompt, and nothing of the validation is lost', async () => {
    const paused = again();
    const stop = new AbortController();
    const { generate } = paused.engine;
    paused.engine = {
      ...paused.engine,
      generate: (request, signal) => {
        stop.abort();
        return generate(request, signal);
      },
    };
    const input = tinyInput({ settings: tinySettings({ prompts: ['a'] }) });
    const first = await runTraining(paused, input, { signal: stop.signal });
    expect(first.at(-1)).toEqual({ type: 'paused', step: 2 });
    paused.engine = { ...paused.engine, generate };
    expect(resultOf(await runTraining(paused, input))).toEqual(whole);
  });

  it('goes on from the checkpoint before when the newest is cut short', async () => {
    const cut = again();
    const stop = new AbortController();
    await runTraining(cut, tinyInput(), {
      signal: stop.signal,
      onEvent: (event) => event.type === 'step' && event.step === 5 && stop.abort(),
    });
    const { slot } = (await createRunStore(cut.runs, cut.digester).read('letters'))!;
    const file = `letters/checkpoint-${slot}`;
    cut.runs.files.set(file, cut.runs.files.get(file)!.slice(0, 2000));
    const rest = await runTraining(cut, tinyInput());
    expect(only(rest, 'resumed')[0]!.step).toBe(4);
    expect(resultOf(rest)).toEqual(whole);
  });

  it('goes on without its record, and starts anew when no checkpoint is whole', async () => {
    const torn = again();
    const stop = new AbortController();
    const onEvent = (event: TrainEvent) => event.type === 'step' && event.step === 3 && stop.abort();
    await runTraining(torn, tinyInput(), { signal: stop.signal, onEvent });
    torn.runs.files.set('letters/run.json', new TextEncoder().encode('{"run": "let'));
    const files = new Map(torn.runs.files);
    expect(only(await runTraining(torn, tinyInput()), 'resumed')[0]!.step).toBe(3);
    torn.runs.files.clear();
    for (const [name, bytes] of files)
      torn.runs.files.set(
        name,
        bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
      );
    const anew = await runTraining(torn, tinyInput());
    expect(only(anew, 'resumed')).toEqual([]);
    expect(resultOf(anew)).toEqual(whole);
  });

  it('refuses to go on with other settings, and says which', async () => {
    const paused = again();
    const stop = new AbortController();
    const onEvent = (event: TrainEvent) => event.type === 'step' && stop.abort();
    await runTraining(paused, tinyInput(), { signal: stop.signal, onEvent });
    const other = tinySettings({ jobs: [{ name: 'letters', recipe: tinyRecipe({ rate: 0.03 }), from: null }] });
    await expect(runTraining(paused, tinyInput({ settings: other }))).rejects.toThrow('made with another recipe.');
    const model = { ...paused.model, id: '0'.repeat(64) };
    await expect(runTraining({ ...paused, model }, tinyInput())).rejects.toThrow('made with another base model.');
  });

  it('saves once when the page is hidden', async () => {
    const hidden = { ...again(), now: () => 0, isHidden: () => false };
    let step = 0;
    hidden.isHidden = () => step === 1 || step === 2 || step === 4;
    const told = await runTraining(hidden, tinyInput(), {
      onEvent: (event) => {
        if (event.type === 'step') ({ step } = event);
      },
    });
    expect(only(told, 'saved').map((event) => event.step)).toEqual([1, 4]);
  });
});

describe('a GPU that is lost', () => {
  it('is opened again, and the run goes on with the same bits', async () => {
    // Calls 0 and 1 are the warm-up.
    const lossy = withSteps(again(), (call) => {
      if (call === 4 || call === 7) throw new GpuLostError('the driver restarted');
    });
    const told = await runTraining(lossy, tinyInput());
    expect(only(told, 'resumed').length).toBe(2);
    expect(resultOf(told)).toEqual(whole);
  });

  it('again and again without progress ends the run in words, and its checkpoint stays', async () => {
    const broken = again();
    const lost = withSteps(broken, (call) => {
      if (call > 5) throw new GpuLostError('sleep');
    });
    await expect(runTraining(lost, tinyInput())).rejects.toMatchObject({
      code: 'factory/training-lost',
      message: expect.stringContaining('lost 3 times') as string,
    });
    const rest = await runTraining(broken, tinyInput());
    expect(only(rest, 'resumed').length).toBe(1);
    expect(resultOf(rest)).toEqual(whole);
  });
});

describe('memory that does not suffice', () => {
  it('is met by smaller passes, shorter examples, a lower rank and fewer layers, each said', async () => {
    const tight = again();
    const asked: { rows: number; length: number; rank: number; layers: number }[] = [];
    const { openTraining } = tight.engine;
    tight.engine = {
      ...tight.engine,
      openTraining: (request, signal) => {
        const [start] = request.adapters;
        const { rank, layers } = 'fresh' in start! ? start.fresh : { rank: 0, layers: undefined };
        asked.push({ rows: request.rows, length: request.length, rank, layers: layers?.length ?? 4 });
        if (rank > 4 || (layers?.length ?? 4) > 2) return Promise.reject(new GpuMemoryError('a test'));
        return openTraining(request, signal);
      },
    };
    tight.model = { ...tight.model, layers: 4 };
    const recipe = tinyRecipe({ rank: 16, alpha: 32, maxSteps: 2, batch: 10, layers: [0, 1] });
    const run = runTraining(
      tight,
      tinyInput({ settings: tinySettings({ jobs: [{ name: 'letters', recipe, from: null }] }) }),
    );
    const told = only(await run, 'reduced').map(({ what }) => what);
    expect(told.at(-1)).toBe('The rank of adapters is 4 in place of 8.');
    expect(asked.at(-1)).toMatchObject({ rank: 4, layers: 2 });
    const { jobs } = manifestOf(resultOf(await run));
    expect(jobs[0]!.recipe).toMatchObject({ rank: 4, alpha: 8 });
  });

  it('is an error when nothing is left to give up', async () => {
    const none = again();
    none.engine = { ...none.engine, openTraining: () => Promise.reject(new GpuMemoryError('a test')) };
    await expect(runTraining(none, tinyInput())).rejects.toMatchObject({ code: 'webgpu/out-of-memory' });
  });
});

describe('the end of a run', () => {
  it('comes early where validation gets worse, with the best weights', async () => {
    const wild = tinySettings({
      jobs: [{ name: 'letters', recipe: tinyRecipe({ rate: 1, epsilon: 1e-8, warmup: 0, clip: 0 }), from: null }],
      ...{ validations: 6, patience: 2 },
    });
    const told = await runTraining(again(), tinyInput({ settings: wild }));
    const judged = only(told, 'validation');
    const best = judged.findLast(({ jobs }) => jobs[0]!.best)!;
    expect(judged.at(-1)!.step).toBe(best.step + 2);
    expect(resultOf(told).steps).toEqual([best.step]);
    expect(manifestOf(resultOf(told)).jobs[0]!.ended).toBe(best.step + 2);
  });

  it('comes when the user asks for it, after one more validation', async () => {
    const finish = new AbortController();
    const told = await runTraining(again(), tinyInput(), {
      finish: finish.signal,
      onEvent: (event) => event.type === 'step' && event.step === 3 && finish.abort(),
    });
    expect(only(told, 'step').at(-1)!.step).toBe(3);
    expect(only(told, 'validation').at(-1)!.step).toBe(3);
    expect(manifestOf(resultOf(told))).toMatchObject({ steps: 3, jobs: [{ ended: null }] });
  });

  it('has the last weights where there is no validation', async () => {
    const data = { ...tinySettings().data, validation: { share: 0, least: 0 } };
    const told = await runTraining(again(), tinyInput({ settings: tinySettings({ data, validations: 1 }) }));
    expect(only(told, 'validation')).toEqual([]);
    expect(resultOf(told).steps).toEqual([6]);
  });

  it('is reached on a full disk: the run says that it could not save', async () => {
    const full = again();
    const write = () => Promise.reject(new PayableError('test/full', 'The disk is full.'));
    const told = await runTraining({ ...full, runs: { ...full.runs, write } }, tinyInput());
    expect(only(told, 'unsaved').at(0)).toMatchObject({ why: 'The disk is full.' });
    expect(only(told, 'saved')).toEqual([]);
    expect(resultOf(told)).toEqual(whole);
  });
});

describe('several jobs', () => {
  it('each have their steps, their best weights and a manifest that names all', async () => {
    const jobs = [
      { name: 'short', recipe: tinyRecipe({ epochs: 1, rank: 1 }), from: null },
      { name: 'long', recipe: tinyRecipe({ epochs: 2, rate: 0.02 }), from: null },
    ];
    const told = await runTraining(
      again(),
      tinyInput({ settings: tinySettings({ jobs, validations: 2, prompts: ['a0?'] }) }),
    );
    expect(only(told, 'validation').map(({ step }) => step)).toEqual([3, 6]);
    expect(only(told, 'step').map(({ jobs: [short] }) => Number.isNaN(short!.loss))).toEqual([
      ...[false, false, false, true, true, true],
    ]);
    expect(only(told, 'sample').map(({ step, job, prompt }) => [step, job, prompt])).toEqual([
      ...[
        [3, 0, 0],
        [3, 1, 0],
        [6, 1, 0],
      ],
    ]);
    const result = resultOf(told);
    expect(result.adapters.map(({ name }) => name)).toEqual(['short', 'long']);
    expect(manifestOf(result, 0).jobs.map(({ name, ended }) => [name, ended])).toEqual([
      ...[
        ['short', 3],
        ['long', 6],
      ],
    ]);
    expect(manifestOf(result, 0).losses.slice(3)).toEqual([null, null, null]);
  });

  it('each train on their own data, with the bits of training alone where a pass has as many tokens', async () => {
    const sources = [tinySource(), tinySource(9, 'digits', '0')];
    const jobs = ['letters', 'digits'].map((name, job) => ({
      ...{ name, recipe: tinyRecipe({ rank: 1 + job, maxSteps: 3 }), from: null },
      sources: [job],
    }));
    const settings = tinySettings({ jobs, validations: 1 });
    const told = await runTraining(again(), tinyInput({ sources, settings }));
    expect(only(told, 'prepared').map((event) => [event.jobs, event.data.counts.train.examples])).toEqual([
      ...[
        [[0], 10],
        [[1], 8],
      ],
    ]);
    const together = resultOf(told);
    for (const [job, { name, recipe }] of jobs.entries()) {
      const alone = tinySettings({ jobs: [{ name, recipe, from: null }], validations: 1 });
      const result = resultOf(await runTraining(again(), tinyInput({ sources: [sources[job]!], settings: alone })));
      const [own, its] = [manifestOf(together, job), manifestOf(result)];
      expect(own.rows).toBe(its.rows);
      expect(together.adapters[job]).toEqual(result.adapters[0]);
      expect([own.losses, own.examples]).toEqual([its.losses, its.examples]);
      expect(own.jobs.map((one) => [one.name, one.sources])).toEqual([
        ...[
          ['letters', [0]],
          ['digits', [1]],
        ],
      ]);
      expect(own.sources.map((one) => one.name)).toEqual(['letters', 'digits']);
      expect(ownSources(own)).toEqual(ownSources(its));
    }
  });

  it('of which one has no validation rows keep its last weights, and the best ones of the other', async () => {
    const sources = [tinySource(), tinySource(1, 'digits', '0')];
    const jobs = ['letters', 'digits'].map((name, job) => ({
      ...{ name, recipe: tinyRecipe({ maxSteps: 2, batch: 4 }), from: null },
      sources: [job],
    }));
    const settings = tinySettings({ jobs, validations: 1 });
    const told = await runTraining(again(), tinyInput({ sources, settings }));
    const [validation] = only(told, 'validation');
    expect(validation!.jobs.map(({ loss }) => Number.isFinite(loss))).toEqual([true, false]);
    expect(resultOf(told).steps).toEqual([2, 2]);
  });

  it('go on from an adapter, whose hash the manifest names', async () => {
    const [adapter] = whole.adapters;
    const files = adapter!.files.map(({ path, bytes }) => ({ path, file: new Blob([bytes]) }));
    const from = { kind: 'files', name: 'letters', files } as const;
    const jobs = [{ name: 'more', recipe: tinyRecipe({ maxSteps: 1 }), from }];
    const told = await runTraining(again(), tinyInput({ settings: tinySettings({ jobs }) }));
    expect(only(told, 'step')[0]!.jobs[0]!.loss).toBeLessThan(only(events, 'step')[0]!.jobs[0]!.loss);
    expect(manifestOf(resultOf(told)).jobs[0]!.from).toBe(await hashAdapter(adapter!));
    expect(await context.engine.listAdapters()).toEqual([]);
  });

  it.each([
    [{ jobs: [] }, '0 recipes'],
    [{ validations: 0 }, '0 validations'],
    [{ patience: 0 }, 'patience is 0'],
    [{ jobs: [{ name: '../x', recipe: tinyRecipe(), from: null }] }, 'cannot be named "../x"'],
    [{ jobs: [{ name: 'a', recipe: tinyRecipe(), from: null, sources: [1] }] }, 'Adapter a names sources 1 of 1'],
    [{ jobs: [{ name: 'a', recipe: tinyRecipe(), from: null, sources: [] }] }, 'Adapter a names sources none of 1'],
    [{ jobs: ['a', 'a'].map((name) => ({ name, recipe: tinyRecipe(), from: null })) }, 'Two adapters are named "a"'],
  ])('with %o are refused', async (more, says) => {
    await expect(runTraining(again(), tinyInput({ settings: tinySettings(more) }))).rejects.toThrow(says);
  });
});
