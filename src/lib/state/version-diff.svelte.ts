// What changed between two versions, as a page shows it: counted while it is found, the first changes kept to be looked at.

import { AbortedError } from '#lib/core/errors.ts';
import { diffVersions, type RowChange } from '#lib/dataset/diff-versions.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { openPublished, type DatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import { toProblem, type Problem } from './problem.ts';

const MOST_SHOWN = 500;

export class VersionDiffState {
  isReading = $state(false);
  isDone = $state(false);
  counts = $state({ added: 0, removed: 0, edited: 0 });
  changes: readonly RowChange[] = $state.raw([]);
  problem: Problem | null = $state.raw(null);
  readonly #context: () => Promise<Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>>;
  #reading = new AbortController();

  constructor(context: () => Promise<Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>>) {
    this.#context = context;
  }

  /** From version `before` to version `after`. */
  async read(facts: DatanetFacts, before: number, after: number): Promise<void> {
    this.stop();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    this.isReading = true;
    this.isDone = false;
    this.counts = { added: 0, removed: 0, edited: 0 };
    this.changes = [];
    this.problem = null;
    try {
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
      if (signal.aborted) return;
      this.counts = counts;
      this.changes = shown;
      this.isDone = true;
    } catch (error) {
      if (!signal.aborted && !(error instanceof AbortedError)) this.problem = toProblem(error);
    } finally {
      if (this.#reading.signal === signal) this.isReading = false;
    }
  }

  stop() {
    this.#reading.abort();
  }
}
