// Trains adapters: rows become examples, two steps are measured and taken back, then step follows step until the data is used up, no job
// gets better, or the user ends the run. It survives a reload, a crash and a lost GPU with the same bits. It waits for nothing but the
// engine and the store, so it goes on in a page that is hidden.

import { PayableError } from '#lib/core/errors.ts';
import { sha256Hex, nextLink } from '#lib/factory/checkpoint-chain.ts';
import { RunDivergedError, TrainingLostError } from '#lib/factory/errors.ts';
import { hashedSource, hashExamples } from '#lib/factory/hash-data.ts';
import { manifestOf } from '#lib/factory/manifest-of.ts';
import { prepareData, type TrainingData } from '#lib/factory/prepare-data.ts';
import { requireSameOrigin, type RunOrigin } from '#lib/factory/run-origin.ts';
import {
  beginRun,
  endedJobs,
  endFinishedJobs,
  recordStep,
  recordValidation,
  type RunProgress,
} from '#lib/factory/run-progress.ts';
import { curveOf } from '#lib/factory/run-record.ts';
import { shrinkRun, type RunShape } from '#lib/factory/run-shape.ts';
import { createRunStore, type Checkpoint } from '#lib/factory/run-store.ts';
import { scoreJobs } from '#lib/factory/score-jobs.ts';
import { planTraining, rowsFor, type TrainingPlan } from '#lib/factory/training-plan.ts';
import { checkRun, deviceWords, startOf } from '#lib/factory/training-start.ts';
import type { AdapterFiles, TrainingInfo } from '#lib/engine/training/training-host.ts';
import type { TrainContext, TrainInput, TrainOptions } from './train-context.ts';
import type { TrainEstimate, TrainEvent } from './train-event.ts';

const SAVE_MS = 60_000;
/** Losses of the GPU without progress between. */
const MAX_LOSSES = 3;
const SAMPLE_TOKENS = 64;

type Story<T = void> = AsyncGenerator<TrainEvent, T, void>;

/**
 * Ends with `done`, or with `paused` when `signal` stopped it; called again with the same input it goes on from the checkpoint.
 *
 * @throws RunMismatchError, TrainingLostError, and errors of the data, the engine and the store
 *
 * @example
 * import { trainAdapter } from '#lib/flows/train-adapter.ts';
 * import { PRESETS } from '#lib/factory/presets.ts';
 *
 * const { recipe, data, validations, patience } = PRESETS.traceable;
 * const jobs = [{ name: 'birds', recipe, from: null }];
 * const input = { run: 'birds-1', sources: rowSources, settings: { jobs, data, validations, patience, prompts: [] } };
 * for await (const event of trainAdapter(trainContext, input, { signal })) {
 *   if (event.type === 'step') show(`step ${event.step} of ${event.steps}: loss ${event.jobs[0]!.loss}`);
 *   if (event.type === 'done') show(`${event.result.adapters.length} adapter`);
 * }
 */
export async function* trainAdapter(
  context: TrainContext,
  { run, sources, settings, keepStates }: TrainInput,
  { signal, finish }: TrainOptions,
): AsyncGenerator<TrainEvent, void, void> {
  const { engine, digester, model, now } = context;
  const { jobs, validations, patience, prompts } = settings;
  checkRun(run, settings);
  const store = createRunStore(context.runs, digester);
  const finished = await store.result(run);
  if (finished) {
    yield { type: 'done', result: finished };
    return;
  }
  const kept = await store.load(run);
  const read = sources.map((source) => hashedSource(source, digester));
  /** Adapters that were loaded for a sample or for their hash. */
  const old = new Set<string>();
  const startedAt = (await store.read(run))?.startedAt ?? context.today().toISOString();

  async function* prepare(data: RunShape['data']): Story<TrainingData> {
    const { labeller, turn } = context;
    const made = yield* labelled(prepareData(read, data, { labeller, digester, signal, turn }));
    const { counts, leaks, looksNear, terms } = made;
    yield { type: 'prepared', data: { counts, leaks, looksNear, terms } };
    return made;
  }
  let data = yield* prepare(kept?.progress.shape.data ?? settings.data);
  const origin: RunOrigin = {
    base: { id: model.id, name: model.name, dtype: model.dtype },
    template: context.template,
    sources: read.map((source) => ({
      ...{ name: source.name, id: source.id ?? null, ...source.read() },
      licence: source.licence === 'own' ? 'own' : source.licence.spdx,
    })),
    data: settings.data,
    jobs: [],
    ...{ validations, patience },
  };
  for (const { name, recipe, from } of jobs)
    origin.jobs.push({ name, recipe, from: from && (await withAdapter(from, ({ id }) => Promise.resolve(id))) });
  if (kept) requireSameOrigin(run, kept.origin, origin);

  const recipes = jobs.map(({ recipe }) => recipe);
  let shape: RunShape = kept?.progress.shape ?? { rows: rowsFor(data, recipes), data: settings.data, recipes };
  const hashes = () => ({
    train: hashExamples(data.train, digester),
    validation: hashExamples(data.validation, digester),
  });
  let plan: TrainingPlan;
  /** In memory: what the run goes on from after a lost GPU. */
  let last: Checkpoint;
  let progress: RunProgress;
  const open = (): Promise<TrainingInfo> => {
    const { rows, segments, length } = plan.sizes;
    const adapters = jobs.map((job, at) => startOf(job, shape.recipes[at]!));
    return engine.openTraining({ adapters, rows, segments, length }, signal);
  };

  try {
    for (;;) {
      plan = planTraining({ ...data, recipes: shape.recipes, rows: shape.rows, validations });
      try {
        const info = await open();
        if (kept) {
          requireSameOrigin(run, { ...origin, examples: kept.progress.examples }, { ...origin, examples: hashes() });
          last = kept;
          await engine.restoreTraining(kept.state);
          yield { type: 'resumed', step: kept.progress.step };
        } else {
          const state = await engine.saveTraining();
          yield { type: 'estimate', estimate: await measure(info) };
          await engine.restoreTraining(state);
          const begun = beginRun(shape, hashes());
          begun.chain.push(nextLink(undefined, { step: 0, state: sha256Hex(state, digester) }, digester));
          last = { origin, progress: begun, state, best: jobs.map(() => null) };
          if (keepStates) await store.keepState(run, 0, state);
        }
        break;
      } catch (error) {
        if (kept || !isOf(error, 'webgpu/out-of-memory')) throw error;
        const { longest, layers } = { longest: plan.sizes.length, layers: model.layers };
        const smaller = shrinkRun(shape, { longest, layers, fixed: jobs.map(({ from }) => from !== null) });
        if (!smaller) throw error;
        yield { type: 'reduced', what: smaller.what };
        if (smaller.shape.data !== shape.data) data = yield* prepare(smaller.shape.data);
        ({ shape } = smaller);
      }
    }
    progress = structuredClone(last.progress);
    yield* train();
  } finally {
    await engine.closeTraining();
    await unloadOld();
  }

  async function* train(): Story {
    const state = {
      best: last.best,
      savedStep: kept ? progress.step : -1,
      savedAt: now(),
      wasHidden: false,
      losses: 0,
    };
    let since = { at: now(), seconds: progress.seconds, tokens: progress.tokens };
    const elapsed = () => since.seconds + (now() - since.at) / 1000;
    /** A run has at least one step. */
    const goesOn = () => progress.ended.some((ended) => ended === null) && (progress.step === 0 || !finish?.aborted);
    const isValidated = () => progress.chain.at(-1)!.step === progress.step;

    /** Keeps the present state in memory. */
    const hold = async (bytes?: Uint8Array<ArrayBuffer>): Promise<void> => {
      const trained = bytes ?? (await engine.saveTraining());
      progress.seconds = elapsed();
      last = { origin, progress: structuredClone(progress), state: trained, best: state.best };
      state.losses = 0;
    };
    const recordOf = (named: 'running' | 'paused' | 'done', from: RunProgress) => ({
      ...{ run, startedAt, savedAt: context.today().toISOString(), state: named, step: from.step, steps: plan.steps },
      ...{ model: { id: model.id, name: model.name }, sources: read.map(({ name }) => name), data: shape.data },
      jobs: jobs.map(({ name }, at) => ({ name, recipe: shape.recipes[at]! })),
      ...{ seconds: from.seconds, tokens: from.tokens, validations: from.validations, curve: curveOf(from) },
    });
    /** Writes what is held. A store that is full must not end the run: the checkpoint before stays. */
    async function* save(named: 'running' | 'paused'): Story<boolean> {
      state.savedAt = now();
      try {
        const bytes = await store.save(recordOf(named, last.progress), last);
        state.savedStep = last.progress.step;
        yield { type: 'saved', step: last.progress.step, bytes };
        return true;
      } catch (error) {
        if (!(error instanceof PayableError)) throw error;
        yield { type: 'unsaved', step: last.progress.step, why: error.toLine() };
        if (named === 'paused') throw error;
        return false;
      }
    }

    async function* step(): Story {
      const { step: at } = progress;
      const batches = plan.batchesAt(at, endedJobs(progress));
      const rates = plan.settingsAt(at);
      const outcomes = await engine.trainStep(batches, rates);
      const tokens = batches.flat().reduce((sum, { ids }) => sum + ids.length, 0);
      const figures = recordStep(progress, outcomes, rates, tokens);
      const device = deviceWords(model.device);
      if (!progress.devices.includes(device)) progress.devices.push(device);
      const seconds = elapsed();
      const perToken = (seconds - since.seconds) / Math.max(1, progress.tokens - since.tokens);
      yield {
        ...{ type: 'step', step: progress.step, steps: plan.steps, tokens: progress.tokens, seconds },
        jobs: figures.map((figure) => ({ ...figure, loss: figure.loss ?? NaN, norm: figure.norm ?? NaN })),
        secondsLeft: Math.max(0, (plan.tokens - progress.tokens) * perToken),
      };
    }

    async function* validate(): Story {
      const trained = await engine.saveTraining();
      const link = { step: progress.step, state: sha256Hex(trained, digester) };
      progress.chain.push(nextLink(progress.chain.at(-1), link, digester));
      const ended = endedJobs(progress);
      const files = await engine.trainedAdapters();
      if (data.validation.length > 0) {
        const scores = await scoreJobs(engine, plan, jobs.length, ended);
        const judged = recordValidation(progress, scores, patience);
        state.best = state.best.map((best, job) => (judged[job]!.best ? files[job]! : best));
        const figures = judged.map((one) => ({ ...one, loss: one.loss ?? NaN }));
        yield { type: 'validation', step: progress.step, jobs: figures };
      } else {
        state.best = state.best.map((best, job) => (ended.has(job) ? best : files[job]!));
        progress.best = progress.best.map((best, job) => (ended.has(job) ? best : { step: progress.step, loss: null }));
      }
      endFinishedJobs(progress, plan.stepsOf);
      for (const [job, adapter] of files.entries()) if (!ended.has(job)) yield* samples(job, adapter);
      if (keepStates) await store.keepState(run, progress.step, trained);
      await hold(trained);
    }

    async function* samples(job: number, adapter: AdapterFiles): Story {
      for (const [prompt, words] of prompts.entries())
        yield { type: 'sample', step: progress.step, job, prompt, text: await answer(adapter, words) };
    }

    async function* recover(error: unknown): Story {
      for (let cause = error; ;) {
        if (!isOf(cause, 'webgpu/lost')) throw cause;
        if (++state.losses > MAX_LOSSES) throw new TrainingLostError(MAX_LOSSES, cause);
        try {
          await open();
          await engine.restoreTraining(last.state);
          break;
        } catch (next) {
          cause = next;
        }
      }
      const seconds = elapsed();
      progress = structuredClone(last.progress);
      state.best = last.best;
      since = { at: now(), seconds, tokens: progress.tokens };
      yield { type: 'resumed', step: progress.step };
    }

    try {
      while (goesOn()) {
        try {
          if (signal.aborted) {
            await hold();
            yield* save('paused');
            yield { type: 'paused', step: progress.step };
            return;
          }
          yield* step();
          if (plan.milestones.has(progress.step)) yield* validate();
          const isHidden = context.isHidden?.() ?? false;
          const isDue = now() - state.savedAt >= SAVE_MS || (isHidden && !state.wasHidden);
          state.wasHidden = isHidden;
          if (isDue) {
            if (last.progress.step !== progress.step) await hold();
            yield* save('running');
          }
        } catch (error) {
          yield* recover(error);
        }
      }
      // The user ended the run between two validations.
      while (!isValidated()) {
        try {
          yield* validate();
        } catch (error) {
          yield* recover(error);
        }
      }
    } catch (error) {
      if (last.progress.step > state.savedStep) yield* save('running');
      throw error;
    }
    progress.seconds = elapsed();
    const diverged = state.best.findIndex((best) => best === null);
    if (diverged >= 0) throw new RunDivergedError(jobs[diverged]!.name);
    const adapters = state.best.map((best) => best!);
    const manifests = await Promise.all(
      adapters.map((one, job) => manifestOf({ origin, progress, job, adapter: one })),
    );
    const result = { adapters, steps: progress.best.map((best) => best!.step), manifests };
    try {
      await store.finish(recordOf('done', progress), result);
    } catch (error) {
      if (!(error instanceof PayableError)) throw error;
      yield { type: 'unsaved', step: progress.step, why: error.toLine() };
    }
    yield { type: 'done', result };
  }

  /** Of two steps; the first one compiles. */
  async function measure({ gpuBytes }: TrainingInfo): Promise<TrainEstimate> {
    let tokensPerSecond = 0;
    for (const at of [0, Math.min(1, plan.steps - 1)]) {
      const batches = plan.batchesAt(at, new Set());
      const from = now();
      await engine.trainStep(batches, plan.settingsAt(at));
      const tokens = batches.flat().reduce((sum, { ids }) => sum + ids.length, 0);
      tokensPerSecond = (1000 * tokens) / Math.max(0.01, now() - from);
    }
    const { steps, tokens } = plan;
    return { steps, tokens, tokensPerSecond, seconds: tokens / tokensPerSecond, gpuBytes };
  }

  async function answer({ name, files }: AdapterFiles, words: string): Promise<string> {
    const folder = {
      kind: 'files' as const,
      name,
      files: files.map(({ path, bytes }) => ({ path, file: new Blob([bytes]) })),
    };
    const prompt = context.labeller.hasChatTemplate
      ? { messages: [{ role: 'user', content: words }] }
      : { text: words };
    return withAdapter(folder, async ({ id }) => {
      let text = '';
      const request = { prompt, adapters: [{ id, weight: 1 }], maxTokens: SAMPLE_TOKENS };
      for await (const event of engine.generate(request, signal)) if (event.type === 'done') ({ text } = event);
      return text;
    });
  }

  /** An adapter that was loaded before stays loaded. */
  async function withAdapter<T>(
    folder: Parameters<typeof engine.loadAdapter>[0],
    work: (adapter: { id: string }) => Promise<T>,
  ): Promise<T> {
    await unloadOld();
    const before = await engine.listAdapters();
    const adapter = await engine.loadAdapter(folder);
    if (!before.some(({ id }) => id === adapter.id)) old.add(adapter.id);
    return work(adapter);
  }

  /** An adapter that a request of others uses stays loaded. */
  async function unloadOld(): Promise<void> {
    for (const id of old) {
      old.delete(id);
      if (await isUnloaded(id)) continue;
      // Steps beyond the end of its last answer are still computed; a step of another request is computed after them.
      for await (const event of engine.generate({ prompt: { ids: [0] }, maxTokens: 1, reusePrefix: false })) void event;
      await isUnloaded(id);
    }
  }

  async function isUnloaded(id: string): Promise<boolean> {
    try {
      await engine.unloadAdapter(id);
      return true;
    } catch (error) {
      if (isOf(error, 'engine/request')) return false;
      throw error;
    }
  }
}

async function* labelled(work: ReturnType<typeof prepareData>): Story<TrainingData> {
  for (;;) {
    const { done, value } = await work.next();
    if (done) return value;
    yield { type: 'preparing', ...value };
  }
}

const isOf = (error: unknown, code: string): boolean => error instanceof PayableError && error.code === code;
