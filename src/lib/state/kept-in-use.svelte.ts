// Which downloaded model and adapters are loaded, and which model the next visit opens. Makes no request.

import type { FolderRef } from '#lib/core/folder.ts';
import type { KeptModel } from '#lib/db/kept-models.ts';
import { isMadeHere } from '#lib/registry/made-repo.ts';
import type { KeptModelsState } from './kept-models-state.svelte.ts';
import type { ModelSource, ModelState } from './model-state.svelte.ts';
import { toProblem, type Problem } from './problem.ts';
import type { LoadingSettings } from './settings.svelte.ts';

export interface KeptInUseNeeds {
  model: Pick<ModelState, 'source' | 'status' | 'adapterProblem' | 'open' | 'addAdapter'>;
  kept: Pick<KeptModelsState, 'all' | 'get' | 'change' | 'discardFiles' | 'today'>;
  /** @throws KeptGoneError */
  openKept(kept: KeptModel): Promise<Extract<FolderRef, { kind: 'files' }>>;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;
}

interface Opened {
  source: ModelSource;
  kept: KeptModel;
  adapters: readonly string[];
}

const KEY = 'payable:model';

export class KeptInUseState {
  problem: Problem | null = $state.raw(null);
  #opened: Opened | null = $state.raw(null);
  readonly #needs: KeptInUseNeeds;

  constructor(needs: KeptInUseNeeds) {
    this.#needs = needs;
  }

  /** The record of the model in use; null when it came from elsewhere. */
  get current(): KeptModel | null {
    return this.#current?.kept ?? null;
  }

  /** Ids of the records that are loaded. */
  get ids(): readonly string[] {
    const opened = this.#current;
    return opened ? [opened.kept.id, ...opened.adapters] : [];
  }

  get #current(): Opened | null {
    return this.#opened?.source === this.#needs.model.source ? this.#opened : null;
  }

  /** Loads a kept model and the kept adapters that were loaded with it before. True when it is ready. */
  async open(kept: KeptModel, how: LoadingSettings): Promise<boolean> {
    const { model, kept: ledger, storage } = this.#needs;
    const folder = await this.#folderOf(kept);
    if (!folder) return false;
    const source = { kind: 'folder', folder, keptHere: true } as const;
    this.#opened = { source, kept, adapters: [] };
    await model.open(source, { dtype: kept.dtype, ...how });
    if (this.#current?.source !== source || model.status !== 'ready') return false;
    try {
      storage?.setItem(KEY, kept.id);
    } catch {
      // If storage is full or blocked, the next visit opens the demo.
    }
    await ledger.change(kept, { usedAt: ledger.today() });
    const before = (ledger.all ?? []).filter(
      ({ kind, base, state, usedAt }) =>
        kind === 'adapter' && base === kept.repo && state === 'complete' && usedAt !== null,
    );
    for (const adapter of before) await this.addAdapter(adapter);
    return true;
  }

  /** Loads a kept adapter into the model in use. Returns the engine's id, or undefined when it was refused. */
  async addAdapter(kept: KeptModel): Promise<string | undefined> {
    const { model, kept: ledger } = this.#needs;
    const folder = await this.#folderOf(kept);
    if (!folder) return undefined;
    const about = isMadeHere(kept.repo) ? 'Trained on this device.' : 'Downloaded, kept on this device.';
    const id = await model.addAdapter(folder, about);
    if (id === undefined) {
      this.problem = model.adapterProblem;
      return undefined;
    }
    const opened = this.#current;
    if (opened) this.#opened = { ...opened, adapters: [...opened.adapters, kept.id] };
    await ledger.change(kept, { usedAt: ledger.today(), ...(opened && { base: opened.kept.repo }) });
    return id;
  }

  /** Opens the model of the last visit. False when there was none or it is gone. */
  async reopen(how: LoadingSettings): Promise<boolean> {
    const { kept: ledger, storage } = this.#needs;
    const id = storage?.getItem(KEY);
    if (!id) return false;
    const kept = await ledger.get(id).catch(() => undefined);
    if (kept?.state === 'complete') return this.open(kept, how);
    this.forget();
    return false;
  }

  /** The files that `source` reads are damaged. */
  async dropDamaged(source: ModelSource) {
    const opened = this.#opened;
    if (opened?.source !== source) return;
    const message = 'The files on this device are damaged and were deleted.';
    await this.#needs.kept.discardFiles(opened.kept, { message, hint: 'Download the model again.' });
  }

  /** The next visit opens the demo. */
  forget() {
    this.#needs.storage?.removeItem(KEY);
  }

  async #folderOf(kept: KeptModel) {
    this.problem = null;
    try {
      return await this.#needs.openKept(kept);
    } catch (error) {
      this.problem = toProblem(error);
      // What is missing can be fetched again.
      await this.#needs.kept.change(kept, { state: 'paused', problem: this.problem, doneBytes: 0 });
      return null;
    }
  }
}
