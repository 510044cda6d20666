// One Datanet that is looked at: how far it is read, what it is, the row that was asked for, and the rows of those shards that are
// on screen. Its address says where it is: digits are its number on the chain at hand, else it came with the app.

import { SvelteMap } from 'svelte/reactivity';
import { AbortedError } from '#lib/core/errors.ts';
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
import { toProblem, type Problem } from './problem.ts';

export interface DatanetSources {
  shipped: OpenDatanetContext;
  /** Of the chain at hand. */
  onChain(): Promise<Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>>;
}

export interface OpenInput {
  id: string;
  /** The version that was linked to: its id for what came with the app, its number for what a chain knows. */
  version?: string | undefined;
  row?: string | undefined;
}

export const isOnChain = (id: string): boolean => /^[1-9]\d{0,15}$/.test(id);

export class DatanetState {
  progress: { readBytes: number; totalBytes: number } | null = $state.raw(null);
  /** What the chain says of it. */
  known: ChainDatanet | null = $state.raw(null);
  datanet: OpenDatanet | null = $state.raw(null);
  published: PublishedVersion | null = $state.raw(null);
  proof: RowProof | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  /** All that was asked for is here. */
  isRead = $state(false);
  /** By the place of the shard in the version. */
  readonly shardRows = new SvelteMap<number, readonly VersionRow[]>();
  readonly #sources: DatanetSources;
  #opening = new AbortController();
  /** By the place of the shard. */
  #reading: (AbortController | undefined)[] = [];

  constructor(sources: DatanetSources) {
    this.#sources = sources;
  }

  get name(): string | null {
    return this.datanet?.name ?? this.known?.name ?? null;
  }
  get description(): string | undefined {
    return this.datanet?.description ?? this.known?.description;
  }

  /** Opens what `input` names; what was open before is closed. */
  async open(input: OpenInput): Promise<void> {
    this.close();
    this.#opening = new AbortController();
    const { signal } = this.#opening;
    try {
      for await (const event of this.#story(input, signal)) {
        if (signal.aborted) return;
        if (event.type === 'reading') this.progress = event;
        else if (event.type === 'known') this.known = event.datanet;
        else if (event.type === 'proven') this.proof = event.proof;
        else {
          this.datanet = event.datanet;
          this.published = 'published' in event ? event.published : null;
        }
      }
      this.isRead = !signal.aborted;
    } catch (error) {
      this.#fail(error, signal);
    }
  }

  async *#story(
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

  /** Shards from `first` up to `end` are on screen: they are read and checked, rows of all others are let go of. */
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
    const signal = AbortSignal.any([reading.signal, this.#opening.signal]);
    try {
      const rows = await this.datanet!.version.rows(shard, signal);
      if (!signal.aborted) this.shardRows.set(at, rows);
    } catch (error) {
      this.#fail(error, signal);
    } finally {
      if (this.#reading[at] === reading) this.#reading[at] = undefined;
    }
  }

  close(): void {
    this.#opening.abort();
    this.#reading = [];
    this.shardRows.clear();
    this.progress = this.known = this.datanet = this.published = this.proof = this.problem = null;
    this.isRead = false;
  }

  #fail(error: unknown, signal: AbortSignal) {
    if (!signal.aborted && !(error instanceof AbortedError)) this.problem = toProblem(error);
  }
}
