// One Datanet as a page shows it: how far it is read, its description and version, the requested row with its proof, and the rows of
// the shards on screen. An id of digits is a number on the selected chain; others name Datanets that came with the app.

import { SvelteMap } from 'svelte/reactivity';
import type { PublishedVersion } from '#lib/chain/reads/read-published-version.ts';
import type { RowProof } from '#lib/dataset/prove-row.ts';
import type { VersionRow } from '#lib/dataset/version-reader.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { openChainDatanet, type ChainDatanet, type OpenChainDatanetEvent } from '#lib/flows/open-chain-datanet.ts';
import {
  openDatanet,
  type OpenDatanet,
  type OpenDatanetContext,
  type OpenDatanetEvent,
} from '#lib/flows/open-datanet.ts';
import { problemUnlessStopped, Task } from './task.svelte.ts';

export interface DatanetSources {
  shipped: OpenDatanetContext;
  /** Of the selected chain. */
  onChain(): Promise<Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>>;
}

export interface OpenInput {
  id: string;
  /** The requested version: its CID for a Datanet that came with the app, its number for one on a chain. */
  version?: string | undefined;
  row?: string | undefined;
}

export const isOnChain = (id: string): boolean => /^[1-9]\d{0,15}$/.test(id);

export class DatanetState {
  progress: { readBytes: number; totalBytes: number } | null = $state.raw(null);
  /** The chain's record and the description; null for a Datanet that came with the app. */
  known: ChainDatanet | null = $state.raw(null);
  datanet: OpenDatanet | null = $state.raw(null);
  published: PublishedVersion | null = $state.raw(null);
  proof: RowProof | null = $state.raw(null);
  /** Everything requested is here. */
  isRead = $state(false);
  /** By the index of the shard in the version. */
  readonly shardRows = new SvelteMap<number, readonly VersionRow[]>();
  readonly #sources: DatanetSources;
  readonly #opening = new Task();
  /** By the index of the shard. */
  #reading: (AbortController | undefined)[] = [];

  constructor(sources: DatanetSources) {
    this.#sources = sources;
  }

  get problem() {
    return this.#opening.problem;
  }
  get name(): string | null {
    return this.datanet?.name ?? this.known?.name ?? null;
  }
  get description(): string | undefined {
    return this.datanet?.description ?? this.known?.description;
  }

  /** Opens what `input` names, in place of what is open. */
  async open(input: OpenInput): Promise<void> {
    this.close();
    const isRead = await this.#opening.restart(async (signal) => {
      for await (const event of this.#events(input, signal)) {
        signal.throwIfAborted();
        if (event.type === 'reading') this.progress = event;
        else if (event.type === 'known') this.known = event.datanet;
        else if (event.type === 'proven') this.proof = event.proof;
        else {
          this.datanet = event.datanet;
          this.published = 'published' in event ? event.published : null;
        }
      }
    });
    if (isRead) this.isRead = true;
  }

  async *#events(
    { id, version, row }: OpenInput,
    signal: AbortSignal,
  ): AsyncGenerator<OpenDatanetEvent | OpenChainDatanetEvent, void, void> {
    if (!isOnChain(id)) {
      yield* openDatanet(this.#sources.shipped, { id, version, row }, { signal });
      return;
    }
    const n = version !== undefined && /^[1-9]\d{0,8}$/.test(version) ? Number(version) : undefined;
    yield* openChainDatanet(await this.#sources.onChain(), { id: BigInt(id), version: n, row }, { signal });
  }

  /** Reads and checks the shards from `first` up to `end`, which are on screen, and drops the rows of all others. */
  async look(first: number, end: number): Promise<void> {
    const isOnScreen = (at: number): boolean => at >= first && at < end;
    for (const at of [...this.shardRows.keys()]) if (!isOnScreen(at)) this.shardRows.delete(at);
    this.#reading.forEach((reading, at) => {
      if (!isOnScreen(at)) reading?.abort();
    });
    const wanted = Array.from({ length: end - first }, (_, index) => first + index);
    const isKnown = (at: number): boolean => this.shardRows.has(at) || this.#reading[at]?.signal.aborted === false;
    await Promise.all(wanted.filter((at) => !isKnown(at)).map((at) => this.#readShard(at)));
  }

  async #readShard(at: number): Promise<void> {
    const shard = this.datanet?.version.shards[at];
    if (!shard) return;
    const reading = new AbortController();
    this.#reading[at] = reading;
    const { signal } = reading;
    try {
      const rows = await this.datanet!.version.rows(shard, signal);
      if (!signal.aborted) this.shardRows.set(at, rows);
    } catch (error) {
      this.#opening.problem = problemUnlessStopped(error, signal) ?? this.problem;
    } finally {
      if (this.#reading[at] === reading) this.#reading[at] = undefined;
    }
  }

  close(): void {
    this.#opening.stop();
    this.#opening.problem = null;
    for (const reading of this.#reading) reading?.abort();
    this.#reading = [];
    this.shardRows.clear();
    this.progress = this.known = this.datanet = this.published = this.proof = null;
    this.isRead = false;
  }
}
