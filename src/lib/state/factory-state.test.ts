// Training runs with scripted events: the record follows them, training waits for the user, and pausing, finishing, failing and a
// second tab leave a record that can go on.

import { beforeEach, expect, it } from 'vitest';
import { AbortedError } from '#lib/core/errors.ts';
import type { TrainEvent } from '#lib/flows/train-event.ts';
import { RecipeError } from '#lib/factory/errors.ts';
import { preparedData } from '#tests/support/factory-run.ts';
import { createMemoryTrainingRuns } from '#tests/support/memory-training-runs.ts';
import type { FactoryRun, RunEvaluation } from './factory-run.ts';
import { FactoryState, type FactoryChoices, type FactoryNeeds } from './factory-state.svelte.ts';
import { pointsOf } from './run-curve.ts';

const choices = { name: 'Birds', base: { kind: 'demo', name: 'Nano' }, dtype: 'f16', sources: [] } as unknown;
const estimate: TrainEvent = {
  type: 'estimate',
  estimate: {
    ...{ steps: 4, tokens: 400, tokensPerSecond: 100, seconds: 4 },
    gpuBytes: { adapters: 1, optimizer: 2, activations: 3 },
  },
};
const step = (at: number): TrainEvent => ({
  ...{ type: 'step', step: at, steps: 4, tokens: 100 * at, seconds: at, secondsLeft: 4 - at },
  jobs: [{ loss: 4 - at, norm: 1, rate: 0.1, skipped: false }],
});
const best = { loss: 1, accuracy: 0.5, best: true };
const done: TrainEvent = {
  type: 'done',
  result: { adapters: [{ name: 'birds', files: [] }], steps: [4], manifests: ['{}'] },
};

let ledger: ReturnType<typeof createMemoryTrainingRuns<FactoryRun>>;
let holder: string | null;
let clock: number;
let script: (options: { signal: AbortSignal; finish: AbortSignal }) => AsyncIterable<TrainEvent>;
let state: FactoryState;
let guards: number;

const needs = (): FactoryNeeds => ({
  ledger,
  train: (_run, options) => script(options),
  keep: (_run, { adapters }) => Promise.resolve(adapters.map(({ name }) => `kept ${name}`)),
  async take(id) {
    if (holder !== null) return null;
    holder = id;
    return { release: () => (holder = null) };
  },
  takenBy: () => Promise.resolve(holder),
  whenFree: () => new Promise(() => undefined),
  removeFiles: () => Promise.resolve(),
  newId: () => `run${ledger.records.size + 1}`,
  today: () => clock++,
  guard: () => {
    guards++;
    return () => guards--;
  },
});
const begin = () => state.start(choices as FactoryChoices);
/** Waits for work that needs no more than promises. */
async function until(holds: () => boolean) {
  for (let turns = 0; !holds(); turns++) {
    if (turns > 1000) throw new Error(`It did not come: ${JSON.stringify(state.live?.run ?? state.problem)}`);
    await Promise.resolve();
  }
}
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
const ended = () => until(() => state.live === null);
const untilWaiting = () => until(() => state.live?.isWaiting === true);

beforeEach(() => {
  ledger = createMemoryTrainingRuns();
  [holder, clock, guards] = [null, 1000, 0];
  state = new FactoryState(needs());
  state.watch();
  script = async function* () {
    yield { type: 'preparing', stage: 'reading', rows: 10 };
    yield { type: 'prepared', jobs: [0], data: preparedData };
    yield { type: 'reduced', what: 'The length is 256 tokens.' };
    yield estimate;
    for (const at of [1, 2]) yield step(at);
    yield { type: 'validation', step: 2, jobs: [best] };
    yield { type: 'sample', step: 2, job: 0, prompt: 0, text: 'A kakapo.' };
    yield { type: 'saved', step: 2, bytes: 99 };
    for (const at of [3, 4]) yield step(at);
    yield done;
  };
});

it('trains only after the user has seen the estimate, and keeps what it measured', async () => {
  const id = (await begin())!;
  await untilWaiting();
  expect(state.find(id)!.history).toMatchObject({ stage: 'measuring', step: 0, steps: 4 });
  expect(state.statusOf(state.find(id)!)).toBe('here');
  expect(guards).toBe(1);
  state.live!.confirm();
  await ended();
  const run = state.find(id)!;
  expect(run).toMatchObject({ state: 'done', isConfirmed: true, kept: ['kept birds'], problem: null });
  expect(run.history).toMatchObject({
    ...{ stage: 'done', step: 4, tokensPerSecond: 100, savedStep: 2, reductions: ['The length is 256 tokens.'] },
    ...{ validations: [{ step: 2, jobs: [best] }], samples: [{ step: 2, job: 0, prompt: 0, text: 'A kakapo.' }] },
    result: { steps: [4], manifests: ['{}'] },
  });
  expect(pointsOf(run.history.curve).map(({ jobs }) => jobs[0]!.loss)).toEqual([3, 2, 1, 0]);
  expect(ledger.records.get(id)).toEqual(run);
  expect([holder, guards]).toEqual([null, 0]);
});

it('pauses at the estimate, and goes on without asking again once the user has let it train', async () => {
  const id = (await begin())!;
  await untilWaiting();
  state.live!.pause();
  script = async function* ({ signal }) {
    yield estimate;
    yield step(1);
    if (signal.aborted) yield { type: 'paused', step: 1 };
  };
  await ended();
  expect(state.find(id)).toMatchObject({ isConfirmed: false });
  await state.resume(state.find(id)!);
  await untilWaiting();
  state.live!.confirm();
  await ended();
  await state.resume({ ...state.find(id)!, isConfirmed: true });
  state.live!.pause();
  await ended();
  expect(state.find(id)).toMatchObject({ state: 'paused', history: { step: 1 } });
});

it('takes back what came after the checkpoint that it goes on from', async () => {
  const id = (await begin())!;
  await untilWaiting();
  state.live!.confirm();
  await ended();
  script = async function* () {
    yield { type: 'resumed', step: 2 };
    yield step(3);
    throw new RecipeError('The GPU was lost.', 'Resume.');
  };
  await state.resume(state.find(id)!);
  await ended();
  const { history, problem, state: end } = state.find(id)!;
  expect(pointsOf(history.curve).map((point) => point.step)).toEqual([1, 2, 3]);
  expect(history.resumedAt).toEqual([2]);
  expect({ end, problem }).toEqual({ end: 'failed', problem: { message: 'The GPU was lost.', hint: 'Resume.' } });
});

it('asks the flow to finish early, and keeps that result', async () => {
  script = async function* ({ finish }) {
    yield step(1);
    await aborted(finish);
    yield done;
  };
  const id = (await begin())!;
  state.live!.finish();
  expect(state.live!.ending).toBe('finishing');
  await ended();
  expect(state.find(id)!.state).toBe('done');
});

it('is paused, not failed, when the flow stops with an abort', async () => {
  script = async function* ({ signal }) {
    yield { type: 'preparing', stage: 'reading', rows: 1 };
    await aborted(signal);
    throw new AbortedError(signal.reason);
  };
  const id = (await begin())!;
  state.live!.pause();
  await ended();
  expect(state.find(id)).toMatchObject({ state: 'paused', problem: null });
});

it('does not begin beside a run of another tab, which it can watch', async () => {
  const other = { ...(choices as FactoryRun), id: 'other', createdAt: 1, state: 'running' as const };
  holder = 'other';
  await ledger.put(other);
  await Promise.resolve();
  expect(state.statusOf(other)).toBe('elsewhere');
  expect(state.isBusy).toBe(true);
  expect(await begin()).toBe(null);
  expect(state.problem?.message).toBe('Another run is being trained or measured.');
  holder = null;
  await ledger.put({ ...other, updatedAt: 5 });
  await Promise.resolve();
  expect(state.statusOf(other)).toBe('interrupted');
});

it('begins once when it is started twice at the same time', async () => {
  const [first, second] = await Promise.all([begin(), begin()]);
  expect([first, second]).toEqual(['run1', null]);
  state.live!.pause();
  await ended();
});

it('measures only while no run trains, and nothing trains meanwhile', async () => {
  const id = (await begin())!;
  const run = state.find(id)!;
  expect(await state.whileFree(run, () => Promise.reject(new Error('it ran')))).toBe(false);
  expect(state.problem?.message).toBe('Another run is being trained or measured.');
  state.live!.pause();
  await ended();
  const work = async () => {
    expect([holder, guards, await state.resume(run)]).toEqual([id, 1, false]);
  };
  expect(await state.whileFree(run, work)).toBe(true);
  await expect(state.whileFree(run, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  expect([holder, guards]).toEqual([null, 0]);
});

it('keeps the figures of a run that is still there', async () => {
  const id = (await begin())!;
  state.live!.pause();
  await ended();
  const [run, evaluation] = [state.find(id)!, { measuredAt: 5 } as RunEvaluation];
  await state.keepEvaluation(run, evaluation);
  expect(state.find(id)!.evaluation).toEqual(evaluation);
  await state.remove(run);
  await state.keepEvaluation(run, evaluation);
  expect(ledger.records.size).toBe(0);
});

it('goes on training when the record cannot be written, and says so', async () => {
  ledger.failure = new RecipeError('The disk is full.', 'Make room.');
  await begin();
  await untilWaiting();
  expect(state.live!.recordProblem?.message).toBe('The disk is full.');
  state.live!.confirm();
  await ended();
});

it('removes record and checkpoints', async () => {
  const id = (await begin())!;
  await untilWaiting();
  state.live!.confirm();
  await ended();
  await state.remove(state.find(id)!);
  expect(state.find(id)).toBe(undefined);
});
