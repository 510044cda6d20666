// A search over the rows of one version, as a page shows it: all rows are read once, then a query returns places of rows. The rows
// that are shown are read again from their shards.

import type { ColumnFigures, ColumnFilter } from '#lib/datanets/search/column-values.ts';
import type { SearchClient } from '#lib/datanets/search/shell/client.ts';
import type { OpenVersion, VersionRow } from '#lib/dataset/version-reader.ts';
import { indexRows, type Bring, type Indexed } from '#lib/flows/index-rows.ts';
import { Rate } from '#lib/core/rate.ts';
import { problemUnlessStopped, Task } from './task.svelte.ts';

export interface SearchNeeds {
  start(): SearchClient;
  bring: Bring;
  nowMs(): number;
}

export interface Answer {
  total: number;
  tookMs: number;
}

const PAGE = 50;
const PROGRESS_EVERY_MS = 200;
/** More rows than a user would page through. */
const MOST_PLACES = 10_000;

export class RowSearchState {
  /** While rows are being read. */
  progress: (Indexed & { bytesPerSecond: number }) | null = $state.raw(null);
  isReady = $state(false);
  words = $state('');
  filters: readonly ColumnFilter[] = $state.raw([]);
  isAsking = $derived(this.words.trim() !== '' || this.filters.length > 0);
  answer: Answer | null = $state.raw(null);
  shown: readonly VersionRow[] = $state.raw([]);
  figures: readonly ColumnFigures[] | null = $state.raw(null);
  readonly #needs: SearchNeeds;
  #client: SearchClient | null = null;
  #version: OpenVersion | null = null;
  readonly #reading = new Task();
  /** Of the newest query. */
  #asking = new AbortController();
  #places = new Uint32Array();

  constructor(needs: SearchNeeds) {
    this.#needs = needs;
  }

  get problem() {
    return this.#reading.problem;
  }
  get canShowMore(): boolean {
    return this.shown.length < Math.min(this.answer?.total ?? 0, MOST_PLACES);
  }

  /** Keeps what was read if it was the same version, else drops all but words and filters. */
  use(version: OpenVersion): void {
    if (this.#version && !this.#version.cid.equals(version.cid)) {
      const { words, filters } = this;
      this.close();
      Object.assign(this, { words, filters });
    } else if (this.#version) this.#version = version;
  }

  /** Reads all rows of `version`, then runs the query that was entered meanwhile. */
  async read(version: OpenVersion): Promise<void> {
    if (this.progress || this.isReady) return;
    this.#version = version;
    this.#client ??= this.#needs.start();
    const { searcher } = this.#client;
    const { rows: ofRows, bytes: ofBytes } = version.version.stats;
    const rate = new Rate();
    let shownAt = 0;
    this.progress = { rows: 0, ofRows, bytes: 0, ofBytes, bytesPerSecond: 0 };
    await this.#reading.restart(async (signal) => {
      for await (const indexed of indexRows({ searcher, bring: this.#needs.bring }, version, { signal })) {
        signal.throwIfAborted();
        const now = this.#needs.nowMs();
        if (now - shownAt < PROGRESS_EVERY_MS) continue;
        shownAt = now;
        this.progress = { ...indexed, bytesPerSecond: rate.at(indexed.bytes, now) };
      }
      const figures = await searcher.columns();
      signal.throwIfAborted();
      this.figures = figures;
      this.isReady = true;
      await this.ask();
    });
    if (!this.#reading.isRunning) this.progress = null;
  }

  /** Runs the query of words and filters, and shows at least `atLeast` of the rows that it finds. */
  async ask(atLeast = 0): Promise<void> {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    if (!this.isReady || !this.#client) return;
    const began = this.#needs.nowMs();
    try {
      const query = { words: this.words, filters: this.filters };
      const { total, rows } = await this.#client.searcher.search(query, MOST_PLACES);
      if (signal.aborted) return;
      this.answer = { total, tookMs: this.#needs.nowMs() - began };
      this.#places = new Uint32Array(rows);
      this.shown = [];
      await this.showMore();
      while (this.#asking.signal === signal && this.shown.length < atLeast && this.canShowMore && !this.problem)
        await this.showMore();
    } catch (error) {
      this.#show(error, signal);
    }
  }

  async showMore(): Promise<void> {
    const { signal } = this.#asking;
    const from = this.shown.length;
    try {
      const rows = await this.#rowsAt(this.#places.subarray(from, from + PAGE), signal);
      if (!signal.aborted && this.shown.length === from) this.shown = [...this.shown, ...rows];
    } catch (error) {
      this.#show(error, signal);
    }
  }

  addFilter(filter: ColumnFilter): void {
    const isSame = (other: ColumnFilter): boolean => JSON.stringify(other) === JSON.stringify(filter);
    if (!this.filters.some(isSame)) this.filters = [...this.filters, filter];
  }

  removeFilter(at: number): void {
    this.filters = this.filters.filter((_, other) => other !== at);
  }

  /** What was read stays on this device, so reading again is quick up to here. */
  stop(): void {
    this.#reading.stop();
    this.progress = null;
  }

  close(): void {
    this.stop();
    this.#asking.abort();
    this.#client?.close();
    this.#client = this.#version = null;
    this.#places = new Uint32Array();
    this.isReady = false;
    this.words = '';
    this.filters = this.shown = [];
    this.answer = this.figures = this.#reading.problem = null;
  }

  async #rowsAt(places: Uint32Array, signal: AbortSignal): Promise<VersionRow[]> {
    const found: VersionRow[] = [];
    let [at, before, read] = [0, 0, -1];
    let rows: VersionRow[] = [];
    const { shards } = this.#version!;
    for (const place of places) {
      while (place >= before + shards[at]!.rows) before += shards[at++]!.rows;
      if (read !== at) rows = await this.#version!.rows(shards[(read = at)]!, signal);
      found.push(rows[place - before]!);
    }
    return found;
  }

  #show(error: unknown, signal: AbortSignal) {
    this.#reading.problem = problemUnlessStopped(error, signal) ?? this.problem;
  }
}
