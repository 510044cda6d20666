// The difference between two versions as a page shows it: counts of all changes, and the first of them.

import { diffVersions, type RowChange } from '#lib/dataset/diff-versions.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { openPublished, type DatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import { Task } from './task.svelte.ts';

const MOST_SHOWN = 500;

type Needs = Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>;

export class VersionDiffState {
  isDone = $state(false);
  counts = $state({ added: 0, removed: 0, edited: 0 });
  changes: readonly RowChange[] = $state.raw([]);
  readonly #context: () => Promise<Needs>;
  readonly #task = new Task();

  constructor(context: () => Promise<Needs>) {
    this.#context = context;
  }

  get isReading() {
    return this.#task.isRunning;
  }
  get problem() {
    return this.#task.problem;
  }

  /** From version `before` to version `after`. */
  async read(facts: DatanetFacts, before: number, after: number): Promise<void> {
    this.isDone = false;
    this.counts = { added: 0, removed: 0, edited: 0 };
    this.changes = [];
    await this.#task.restart(async (signal) => {
      const context = await this.#context();
      const [old, fresh] = [
        await openPublished(context, facts, before, signal),
        await openPublished(context, facts, after, signal),
      ];
      const shown: RowChange[] = [];
      const counts = { added: 0, removed: 0, edited: 0 };
      for await (const change of diffVersions(old.version, fresh.version, signal)) {
        counts[change.kind]++;
        if (shown.length < MOST_SHOWN) shown.push(change);
      }
      signal.throwIfAborted();
      this.counts = counts;
      this.changes = shown;
      this.isDone = true;
    });
  }

  stop() {
    this.#task.stop();
  }
}
