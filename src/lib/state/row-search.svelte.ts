// A search over the rows of one version, as a page shows it: all rows are read once, then words and filters are answered by their
// places, and those of the rows that are shown are read again from their shards.

import { AbortedError } from '#lib/core/errors.ts';
import type { ColumnFigures, ColumnFilter } from '#lib/datanets/search/column-values.ts';
import type { SearchClient } from '#lib/datanets/search/shell/client.ts';
import type { OpenVersion, VersionRow } from '#lib/dataset/version-reader.ts';
import { indexRows, type Bring, type Indexed } from '#lib/flows/index-rows.ts';
import { Rate } from './rate.ts';
import { toProblem, type Problem } from './problem.ts';

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
const SAY_EVERY_MS = 200;
/** Nobody looks at more one by one. */
const MOST_PLACES = 10_000;

export class RowSearchState {
  /** How much is read, while it is. */
  progress: (Indexed & { bytesPerSecond: number }) | null = $state.raw(null);
  isReady = $state(false);
  words = $state('');
  filters: readonly ColumnFilter[] = $state.raw([]);
  isAsking = $derived(this.words.trim() !== '' || this.filters.length > 0);
  answer: Answer | null = $state.raw(null);
  shown: readonly VersionRow[] = $state.raw([]);
  figures: readonly ColumnFigures[] | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  readonly #needs: SearchNeeds;
  #client: SearchClient | null = null;
  #version: OpenVersion | null = null;
  #reading = new AbortController();
  /** Of the question that was asked last. */
  #asking = new AbortController();
  #places = new Uint32Array();

  constructor(needs: SearchNeeds) {
    this.#needs = needs;
  }

  get canShowMore(): boolean {
    return this.shown.length < Math.min(this.answer?.total ?? 0, MOST_PLACES);
  }

  /** Goes on with what was read before when it was the same version, else begins anew. */
  use(version: OpenVersion): void {
    if (this.#version && !this.#version.cid.equals(version.cid)) {
      const { words, filters } = this;
      this.close();
      Object.assign(this, { words, filters });
    } else if (this.#version) this.#version = version;
  }

  /** Reads all rows of `version`, and answers what was asked meanwhile. */
  async read(version: OpenVersion): Promise<void> {
    if (this.progress || this.isReady) return;
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    this.#version = version;
    this.#client ??= this.#needs.start();
    const { searcher } = this.#client;
    const rate = new Rate();
    const { rows: ofRows, bytes: ofBytes } = version.version.stats;
    let said = 0;
    this.problem = null;
    this.progress = { rows: 0, ofRows, bytes: 0, ofBytes, bytesPerSecond: 0 };
    try {
      for await (const indexed of indexRows({ searcher, bring: this.#needs.bring }, version, { signal })) {
        if (signal.aborted) return;
        const now = this.#needs.nowMs();
        if (now - said < SAY_EVERY_MS) continue;
        said = now;
        this.progress = { ...indexed, bytesPerSecond: rate.at(indexed.bytes, now) };
      }
      this.figures = await searcher.columns();
      if (signal.aborted) return;
      this.isReady = true;
      await this.ask();
    } catch (error) {
      this.#fail(error, signal);
    } finally {
      if (this.#reading.signal === signal) this.progress = null;
    }
  }

  /** Finds the rows that words and filters name now. */
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
      this.#fail(error, signal);
    }
  }

  async showMore(): Promise<void> {
    const { signal } = this.#asking;
    const from = this.shown.length;
    try {
      const rows = await this.#rowsAt(this.#places.subarray(from, from + PAGE), signal);
      if (!signal.aborted && this.shown.length === from) this.shown = [...this.shown, ...rows];
    } catch (error) {
      this.#fail(error, signal);
    }
  }

  addFilter(filter: ColumnFilter): void {
    const isSame = (other: ColumnFilter): boolean => JSON.stringify(other) === JSON.stringify(filter);
    if (!this.filters.some(isSame)) this.filters = [...this.filters, filter];
  }

  removeFilter(at: number): void {
    this.filters = this.filters.filter((_, other) => other !== at);
  }

  /** Reading goes on from this device when it is begun again. */
  stop(): void {
    this.#reading.abort();
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
    this.answer = this.figures = this.problem = null;
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

  #fail(error: unknown, signal: AbortSignal) {
    if (!signal.aborted && !(error instanceof AbortedError)) this.problem = toProblem(error);
  }
}
