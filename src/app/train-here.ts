// Runs a training run of the factory in this tab: an engine of its own loads the base, then the flow trains.

import { createDigester } from '#lib/core/digester.ts';
import { PayableError } from '#lib/core/errors.ts';
import type { Folder, FolderRef } from '#lib/core/folder.ts';
import type { RunFiles } from '#lib/core/run-files.ts';
import type { Engine, ModelInfo } from '#lib/engine/engine.ts';
import { openBrowserFolder } from '#lib/engine/shell/browser-folder.ts';
import { startRuntime } from '#lib/engine/shell/client.ts';
import { trainAdapter } from '#lib/flows/train-adapter.ts';
import type { TrainEvent } from '#lib/flows/train-event.ts';
import { readArchitecture } from '#lib/model/config.ts';
import { hashTemplates } from '#lib/model/hash-templates.ts';
import { openModelFolder } from '#lib/model/sources/open-model.ts';
import { loadText, type TextModel } from '#lib/model/text.ts';
import type { FactoryLiveNeeds } from '#lib/state/factory-live.svelte.ts';
import type { FactoryRun } from '#lib/state/factory-run.ts';
import { openFactoryBase, openFactorySources } from './factory-places.ts';
import { findGpu } from './find-gpu.ts';

/** An engine with the base of a run loaded. */
export interface OpenBase {
  engine: Engine;
  model: ModelInfo;
  folder: FolderRef;
  close(): void;
}

type OnLoading = Parameters<FactoryLiveNeeds['train']>[1]['onLoading'];

/** @throws PayableError where the browser offers no GPU, and errors of the load */
export async function openBaseOf(
  { base, dtype }: Pick<FactoryRun, 'base' | 'dtype'>,
  signal: AbortSignal,
  onLoading: OnLoading = () => undefined,
): Promise<OpenBase> {
  const missing = await findGpu();
  if (missing)
    throw new PayableError('app/no-gpu', missing.message, {
      hint: 'Training needs WebGPU. Try a current Chrome, Edge or Safari.',
    });
  const folder = await openFactoryBase(base, signal, onLoading);
  const { runtime: engine, close } = startRuntime('webgpu', () => undefined);
  try {
    let model: ModelInfo | null = null;
    for await (const event of engine.load({ model: folder, dtype }, signal)) {
      if (event.type === 'ready') ({ model } = event);
      else onLoading(event);
    }
    return { engine, model: model!, folder, close };
  } catch (error) {
    close();
    throw error;
  }
}

export async function openTextOf(given: Folder): Promise<TextModel> {
  const folder = await openModelFolder(given);
  return loadText(folder, (await readArchitecture(folder)).vocab, () => new Date());
}

/** Other work of the thread has its turn. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    // Timers are slowed down in a page that is hidden.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve();
    port2.postMessage(null);
  });

export async function* trainHere(
  runs: RunFiles,
  run: FactoryRun,
  { signal, finish, onLoading }: Parameters<FactoryLiveNeeds['train']>[1],
): AsyncGenerator<TrainEvent, void, void> {
  const { engine, model, folder, close } = await openBaseOf(run, signal, onLoading);
  try {
    const [text, digester] = [await openTextOf(openBrowserFolder(folder)), await createDigester()];
    const template = await hashTemplates(await openModelFolder(openBrowserFolder(folder)), digester);
    const context = {
      ...{ engine, model, labeller: text, template, digester, runs, turn },
      now: () => performance.now(),
      today: () => new Date(),
      isHidden: () => document.visibilityState === 'hidden',
    };
    const sources = await openFactorySources(run.sources, signal);
    yield* trainAdapter(context, { run: run.id, sources, settings: run.settings }, { signal, finish });
  } finally {
    close();
  }
}
