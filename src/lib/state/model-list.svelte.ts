// The list of registered models as a page shows it, and which of them a search finds.

import { SvelteMap } from 'svelte/reactivity';
import type { IpfsAccess } from '#lib/datanets/datanet-context.ts';
import { listChainModels, type KnownManifests, type ListedModel } from '#lib/flows/list-chain-models.ts';
import type { ModelRows } from '#lib/registry/published/published-models.ts';
import { Task } from './task.svelte.ts';

export type ModelOrder = keyof typeof BY;

const BY = {
  newest: (a: ListedModel, b: ListedModel) => Number(b.id) - Number(a.id),
  paid: (a: ListedModel, b: ListedModel) => Number(b.income.grossWei - a.income.grossWei),
  name: (a: ListedModel, b: ListedModel) => (a.name < b.name ? -1 : 1),
};

export class ModelListState {
  all: readonly ListedModel[] | null = $state.raw(null);
  search = $state('');
  order: ModelOrder = $state('newest');
  /** Those that have every word of the search. */
  found: readonly ListedModel[] = $derived.by(() => {
    const words = this.search.toLowerCase().split(/\s+/).filter(Boolean);
    const has = ({ id, name, description, licence, base, owner }: ListedModel) => {
      const text = [id, name, description, licence, base.family, owner].join(' ').toLowerCase();
      return words.every((word) => text.includes(word));
    };
    return (this.all ?? []).filter(has).sort(BY[this.order]);
  });
  /** Rows are read again with each block; a manifest is fetched once. */
  readonly #known: KnownManifests = new SvelteMap();
  readonly #reading = new Task();

  get problem() {
    return this.#reading.problem;
  }

  async load(openIpfs: () => Promise<Pick<IpfsAccess, 'block'>>, rows: ModelRows): Promise<void> {
    await this.#reading.restart(async (signal) => {
      const { block } = await openIpfs();
      for await (const list of listChainModels({ block, known: this.#known }, rows, { signal })) {
        signal.throwIfAborted();
        this.all = list;
      }
    });
  }

  /** For another chain, whose models are not known yet. */
  forget(): void {
    this.stop();
    this.all = null;
    this.#known.clear();
  }

  stop(): void {
    this.#reading.stop();
  }
}
