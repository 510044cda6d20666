// Loads the base of a finished run, and its adapters from where they are kept.

import type { FolderRef } from '#lib/core/folder.ts';
import type { FactoryLiveNeeds } from '#lib/state/factory-live.svelte.ts';
import type { FactoryRun } from '#lib/state/factory-run.ts';
import { composeHub } from './compose-hub.ts';
import { openBaseOf, type OpenBase } from './train-here.ts';

export interface RunAdapters extends OpenBase {
  /** By job; an adapter that is no longer on this device is missing. `id`: as the engine names it. */
  adapters: { id: string; name: string; folder: FolderRef }[];
}

/** @throws what `openBaseOf` throws, and errors of adapters */
export async function openRunAdapters(
  run: FactoryRun,
  signal: AbortSignal,
  onLoading?: Parameters<FactoryLiveNeeds['train']>[1]['onLoading'],
): Promise<RunAdapters> {
  const { kept, openKept } = composeHub();
  const base = await openBaseOf(run, signal, onLoading);
  try {
    const adapters: RunAdapters['adapters'] = [];
    for (const [job, keptId] of run.kept.entries()) {
      const record = await kept.get(keptId);
      if (record?.state !== 'complete') continue;
      const folder = await openKept(record);
      const { id } = await base.engine.loadAdapter(folder);
      adapters.push({ id, name: run.settings.jobs[job]!.name, folder });
    }
    return { ...base, adapters };
  } catch (error) {
    base.close();
    throw error;
  }
}
