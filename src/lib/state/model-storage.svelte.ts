// What models take on this device, as a page shows it: our own sums beside the browser's estimate, saving and deleting.

import type { KeptModel } from '#lib/db/kept-models.ts';
import type { KeptModelsState } from './kept-models-state.svelte.ts';
import { Task } from './task.svelte.ts';

/** Folders beside those of the hub. */
const DEMO = 'models';
/** What the engine computes again when it is missing. */
const COMPUTED = { packed: 'planes', prompts: 'prefixes' };

export interface ModelStorageNeeds {
  kept: KeptModelsState;
  /** Of a folder of the private file storage. */
  bytesIn(folder: string): Promise<number>;
  empty(folder: string): Promise<void>;
  /** Saves the files outside the browser; returns in words what was done. */
  save(model: KeptModel): Promise<string>;
  /** Bytes that this origin uses and may use; null where the browser does not say. */
  estimate(): Promise<{ usage: number; quota: number } | null>;
}

export class ModelStorageState {
  demoBytes = $state(0);
  /** Weights as the GPU reads them, and prompts as the model read them. */
  computedBytes = $state.raw({ packed: 0, prompts: 0 });
  room: { usage: number; quota: number } | null = $state.raw(null);
  outcome = $state('');
  readonly #needs: ModelStorageNeeds;
  readonly #task = new Task();

  constructor(needs: ModelStorageNeeds) {
    this.#needs = needs;
  }

  get isBusy() {
    return this.#task.isRunning;
  }
  get problem() {
    return this.#task.problem;
  }
  /** By our own ledger; unfinished downloads count as far as they are. */
  get keptBytes(): number {
    const { all } = this.#needs.kept;
    return (all ?? []).reduce(
      (sum, { state, totalBytes, doneBytes }) => sum + (state === 'complete' ? totalBytes : doneBytes),
      0,
    );
  }

  load = () => this.#work(async () => '');

  deleteDemo = () =>
    this.#work(async () => {
      await this.#needs.empty(DEMO);
      return 'The files of Nano were deleted. It is fetched again when it is loaded.';
    });

  deleteComputed = () =>
    this.#work(async () => {
      for (const folder of Object.values(COMPUTED)) await this.#needs.empty(folder);
      return 'Packed weights and read prompts were deleted. They are computed again when they are needed.';
    });

  save = (model: KeptModel) =>
    this.#work(async () => {
      this.outcome = `Saving ${model.repo}…`;
      return this.#needs.save(model);
    });

  remove = (models: readonly KeptModel[]) =>
    this.#work(async () => {
      for (const model of models) await this.#needs.kept.remove(model);
      return models.length === 1 ? `${models[0]!.repo} was deleted.` : `${models.length} were deleted.`;
    });

  #work(work: () => Promise<string>) {
    return this.#task.start(async (signal) => {
      const { bytesIn, estimate } = this.#needs;
      const outcome = await work();
      const folders = [DEMO, COMPUTED.packed, COMPUTED.prompts];
      const [[demoBytes = 0, packed = 0, prompts = 0], room] = await Promise.all([
        Promise.all(folders.map(bytesIn)),
        estimate(),
      ]);
      if (signal.aborted) return;
      Object.assign(this, { outcome, demoBytes, computedBytes: { packed, prompts }, room });
    });
  }
}
