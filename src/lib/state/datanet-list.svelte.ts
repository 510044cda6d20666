// The list of Datanets as a page shows it: those that came with the app, those of the selected chain, and which of them a search finds.

import type { IpfsAccess } from '#lib/datanets/datanet-context.ts';
import { readDatanetIndex, type DatanetEntry, type DatanetFiles } from '#lib/datanets/published/datanet-index.ts';
import { listChainDatanets, type DatanetRows, type ListedDatanet } from '#lib/flows/list-chain-datanets.ts';
import { Task } from './task.svelte.ts';

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
  search = $state('');
  /** A field or a tag; empty for all. */
  topic = $state('');
  order: Order = $state('newest');
  /** Those whose description has every word of the search. */
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
  readonly #reading = new Task();
  readonly #readingChain = new Task();

  constructor(files: DatanetFiles) {
    this.#files = files;
  }

  get problem() {
    return this.#reading.problem ?? this.#readingChain.problem;
  }

  async load(): Promise<void> {
    await this.#reading.restart(async (signal) => {
      const entries = await readDatanetIndex(this.#files, signal);
      signal.throwIfAborted();
      this.entries = entries;
    });
  }

  async loadChain(openIpfs: () => Promise<Pick<IpfsAccess, 'block'>>, tables: DatanetRows): Promise<void> {
    await this.#readingChain.restart(async (signal) => {
      for await (const list of listChainDatanets(await openIpfs(), tables, { signal })) {
        signal.throwIfAborted();
        this.onChain = list;
      }
    });
  }

  stop(): void {
    this.#reading.stop();
    this.#readingChain.stop();
  }

  #hasWords(...texts: string[]): boolean {
    const text = texts.join(' ').toLowerCase();
    return this.search
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word));
  }
}
