// One Datanet that is looked at: how far it is read, what it is, the row that was asked for, and the rows of those shards that are
// on screen.

import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { AbortedError } from '#lib/core/errors.ts';
import type { RowProof } from '#lib/datanets/prove-row.ts';
import type { VersionRow } from '#lib/datanets/version-reader.ts';
import {
  openDatanet,
  type OpenDatanet,
  type OpenDatanetContext,
  type OpenDatanetInput,
} from '#lib/flows/open-datanet.ts';
import { toProblem, type Problem } from './model-state.svelte.ts';

export class DatanetState {
  progress: { readBytes: number; totalBytes: number } | null = $state.raw(null);
  datanet: OpenDatanet | null = $state.raw(null);
  proof: RowProof | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  /** By the place of the shard in the version. */
  readonly shardRows = new SvelteMap<number, readonly VersionRow[]>();
  readonly #context: OpenDatanetContext;
  #opening = new AbortController();
  readonly #onScreen = new SvelteSet<number>();

  constructor(context: OpenDatanetContext) {
    this.#context = context;
  }

  /** Opens what `input` names; what was open before is closed. */
  async open(input: OpenDatanetInput): Promise<void> {
    this.close();
    this.#opening = new AbortController();
    const { signal } = this.#opening;
    try {
      for await (const event of openDatanet(this.#context, input, { signal })) {
        if (signal.aborted) return;
        if (event.type === 'reading') this.progress = event;
        else if (event.type === 'opened') this.datanet = event.datanet;
        else this.proof = event.proof;
      }
    } catch (error) {
      this.#fail(error, signal);
    }
  }

  /** The shard came onto the screen: its rows are read and checked. */
  async show(at: number): Promise<void> {
    this.#onScreen.add(at);
    const shard = this.datanet?.version.shards[at];
    if (!shard || this.shardRows.has(at)) return;
    const { signal } = this.#opening;
    try {
      const rows = await this.datanet!.version.rows(shard, signal);
      if (!signal.aborted && this.#onScreen.has(at)) this.shardRows.set(at, rows);
    } catch (error) {
      this.#fail(error, signal);
    }
  }

  /** The shard left the screen: its rows are let go of. */
  hide(at: number): void {
    this.#onScreen.delete(at);
    this.shardRows.delete(at);
  }

  close(): void {
    this.#opening.abort();
    this.#onScreen.clear();
    this.shardRows.clear();
    this.progress = this.datanet = this.proof = this.problem = null;
  }

  #fail(error: unknown, signal: AbortSignal) {
    if (!signal.aborted && !(error instanceof AbortedError)) this.problem = toProblem(error);
  }
}
