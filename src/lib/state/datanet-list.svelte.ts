// The Datanets there are to look at: those that came with the app and those of the chain at hand, and which of them a search finds.

import { AbortedError } from '#lib/core/errors.ts';
import type { IpfsAccess } from '#lib/datanets/datanet-context.ts';
import { readDatanetIndex, type DatanetEntry, type DatanetFiles } from '#lib/datanets/published/datanet-index.ts';
import { listChainDatanets, type DatanetRows, type ListedDatanet } from '#lib/flows/list-chain-datanets.ts';
import { toProblem, type Problem } from './problem.ts';

export type Order = keyof typeof BY;

const BY = {
  newest: (a: ListedDatanet, b: ListedDatanet) => Number(b.id) - Number(a.id),
  rows: (a: ListedDatanet, b: ListedDatanet) => b.rows - a.rows,
  paid: (a: ListedDatanet, b: ListedDatanet) => Number(b.earnings.paidWei - a.earnings.paidWei),
  name: (a: ListedDatanet, b: ListedDatanet) => (a.name < b.name ? -1 : 1),
};

export class DatanetListState {
  /** Those that came with the app. */
  entries: DatanetEntry[] | null = $state.raw(null);
  onChain: readonly ListedDatanet[] = $state.raw([]);
  problem: Problem | null = $state.raw(null);
  search = $state('');
  /** A field or a tag; empty for all. */
  topic = $state('');
  order: Order = $state('newest');
  /** Those that have every word of the search in what they say of themselves. */
  found: DatanetEntry[] = $derived.by(() =>
    (this.entries ?? []).filter((one) => this.#hasWords(one.id, one.name, one.description, one.licence) && !this.topic),
  );
  foundOnChain: ListedDatanet[] = $derived.by(() =>
    this.onChain
      .filter((one) => this.#hasWords(one.id, one.name, one.description, one.licence, one.field, ...one.tags))
      .filter(({ field, tags }) => !this.topic || field === this.topic || tags.includes(this.topic))
      .sort(BY[this.order]),
  );
  topics: string[] = $derived.by(() => {
    const all = this.onChain.flatMap(({ field, tags }) => [field, ...tags]).filter((topic) => topic !== '');
    return all.filter((topic, at) => all.indexOf(topic) === at).sort();
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

  async loadChain(ipfs: Pick<IpfsAccess, 'block'>, tables: DatanetRows, signal: AbortSignal): Promise<void> {
    try {
      for await (const list of listChainDatanets(ipfs, tables, { signal })) if (!signal.aborted) this.onChain = list;
    } catch (error) {
      if (!signal.aborted && !(error instanceof AbortedError)) this.problem = toProblem(error);
    }
  }

  #hasWords(...texts: string[]): boolean {
    const text = texts.join(' ').toLowerCase();
    return this.search
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word));
  }
}
