// The Datanets there are to look at, and which of them a search finds.

import { AbortedError } from '#lib/core/errors.ts';
import { readDatanetIndex, type DatanetEntry, type DatanetFiles } from '#lib/flows/datanet-index.ts';
import { toProblem, type Problem } from './model-state.svelte.ts';

export class DatanetListState {
  entries: DatanetEntry[] | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  search = $state('');
  /** Those that have every word of the search in name, description or licence. */
  found: DatanetEntry[] = $derived.by(() => {
    const words = this.search.toLowerCase().split(/\s+/);
    return (this.entries ?? []).filter(({ id, name, description, licence }) => {
      const text = `${id} ${name} ${description} ${licence}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  });
  readonly #files: DatanetFiles;

  constructor(files: DatanetFiles) {
    this.#files = files;
  }

  async load(signal: AbortSignal): Promise<void> {
    this.problem = null;
    try {
      this.entries = await readDatanetIndex(this.#files, signal);
    } catch (error) {
      if (!signal.aborted && !(error instanceof AbortedError)) this.problem = toProblem(error);
    }
  }
}
