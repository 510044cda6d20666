// Puts the factory together: the ledger of runs, checkpoints in the private file storage, and what happens around a run. Made once; a
// run goes on while the user walks between pages.

import { createDigester } from '#lib/core/digester.ts';
import { toHex } from '#lib/core/bytes.ts';
import { createKeptModels } from '#lib/db/kept-models.ts';
import { createTrainingRuns } from '#lib/db/training-runs.ts';
import { openBrowserFolder } from '#lib/engine/shell/browser-folder.ts';
import { keepMadeFiles } from '#lib/engine/shell/keep-made-files.ts';
import { createOpfsRunFiles } from '#lib/engine/shell/opfs-run-files.ts';
import type { AdapterFiles } from '#lib/engine/training/training-host.ts';
import { FactoryAnswers } from '#lib/state/factory-answers.svelte.ts';
import { FactoryBases } from '#lib/state/factory-bases.svelte.ts';
import { FactoryData } from '#lib/state/factory-data.svelte.ts';
import { FactoryEvaluation } from '#lib/state/factory-evaluation.svelte.ts';
import type { FactoryRun } from '#lib/state/factory-run.ts';
import { FactoryState } from '#lib/state/factory-state.svelte.ts';
import { madeRepo } from '#lib/registry/made-repo.ts';
import { database } from './database.ts';
import { readDeviceLimits } from './device-limits.ts';
import { evaluateHere } from './evaluate-here.ts';
import { openFactoryBase, openFactorySources } from './factory-places.ts';
import { openRunAdapters } from './open-run-adapters.ts';
import { openTextOf, trainHere, turn } from './train-here.ts';

export interface FactoryApp {
  factory: FactoryState;
  evaluation: FactoryEvaluation;
  createBases(): FactoryBases;
  createData(): FactoryData;
  createAnswers(): FactoryAnswers;
}

let composed: FactoryApp | null = null;

export const composeFactory = (): FactoryApp => (composed ??= compose());

const LOCK = 'payable-training';

function compose(): FactoryApp {
  const ledger = createKeptModels(database);
  const runs = createOpfsRunFiles();

  /** Of an adapter that a run made: where it is kept, and its record. */
  async function keepOne(run: FactoryRun, { name, files }: AdapterFiles, manifest: string): Promise<string> {
    const encoder = new TextEncoder();
    const all = [...files, { path: 'training-manifest.json', bytes: encoder.encode(manifest) }];
    const digester = await createDigester();
    const commit = toHex(digester.sha256(encoder.encode(manifest))).slice(2);
    const repo = madeRepo(name);
    const id = `${repo}@${commit}`;
    const kept = await keepMadeFiles(id, all);
    const totalBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    const found = run.base.kind === 'kept' ? await ledger.get(run.base.id) : undefined;
    await ledger.put({
      ...{ id, repo, commit, kind: 'adapter', files: kept, totalBytes, doneBytes: totalBytes },
      ...{ state: 'complete', problem: null, dtype: run.dtype, base: found?.repo ?? null },
      ...{ isPinned: false, addedAt: Date.now(), usedAt: null },
    });
    return id;
  }

  const factory = new FactoryState({
    ledger: createTrainingRuns<FactoryRun>(database),
    train: (run, options) => trainHere(runs, run, options),
    async keep(run, { adapters, manifests }) {
      const ids: string[] = [];
      for (const [job, adapter] of adapters.entries()) ids.push(await keepOne(run, adapter, manifests[job]!));
      return ids;
    },
    take,
    takenBy,
    whenFree: (signal) => navigator.locks.request(LOCK, { signal }, () => undefined).catch(() => undefined),
    removeFiles: (id) => runs.remove(id),
    newId: () => crypto.randomUUID(),
    today: () => Date.now(),
    guard,
  });
  factory.watch();
  const evaluation = new FactoryEvaluation({
    whileFree: (run, work) => factory.whileFree(run, work),
    evaluate: evaluateHere,
    keep: (run, figures) => factory.keepEvaluation(run, figures),
    today: () => Date.now(),
  });
  return {
    factory,
    evaluation,
    createBases: () =>
      new FactoryBases({
        openBase: async (base, signal) => openBrowserFolder(await openFactoryBase(base, signal)),
        limits: readDeviceLimits,
      }),
    createData: () =>
      new FactoryData({
        openText: async (base, signal) => openTextOf(openBrowserFolder(await openFactoryBase(base, signal))),
        openSources: openFactorySources,
        createDigester,
        turn,
      }),
    createAnswers: () => new FactoryAnswers(openRunAdapters),
  };
}

/** One lock for all runs, and one that says which run it is. */
async function take(id: string): Promise<{ release(): void } | null> {
  const hold = (name: string) =>
    new Promise<(() => void) | null>((resolve) => {
      void navigator.locks.request(name, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(null);
        return new Promise<void>((release) => resolve(release));
      });
    });
  const all = await hold(LOCK);
  if (!all) return null;
  const named = await hold(`${LOCK}:${id}`);
  return {
    release() {
      named?.();
      all();
    },
  };
}

async function takenBy(): Promise<string | null> {
  const { held = [] } = await navigator.locks.query();
  const name = held.map((lock) => lock.name ?? '').find((one) => one.startsWith(`${LOCK}:`));
  return name?.slice(LOCK.length + 1) ?? null;
}

/** Keeps the screen on while this tab trains, and asks before the page is left. */
function guard(): () => void {
  const over = new AbortController();
  const { signal } = over;
  // The browser takes the lock back when the page is hidden, and may refuse it, as on a low battery.
  const wake = async () => {
    if (document.visibilityState === 'hidden') return;
    const lock = await (navigator as Partial<Navigator>).wakeLock?.request('screen').catch(() => null);
    if (!lock) return;
    if (signal.aborted) await lock.release();
    else signal.addEventListener('abort', () => void lock.release());
  };
  void wake();
  document.addEventListener('visibilitychange', () => void wake(), { signal });
  window.addEventListener('beforeunload', (event) => event.preventDefault(), { signal });
  return () => over.abort();
}
