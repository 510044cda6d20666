// What this device keeps of the hub, as pages show it: the ledger, and the downloads of this tab. A download that the end of the page
// cut off goes on by itself; one of another tab is followed in the ledger and taken over when that tab ends.

import { AbortedError, PayableError } from '#lib/core/errors.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { KeptModel } from '#lib/db/kept-models.ts';
import { parseRepo } from '#lib/files/parse-repo.ts';
import { repoName, type Repo } from '#lib/files/repo.ts';
import { keepModel, type KeepModelContext } from '#lib/flows/keep-model.ts';
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { isMadeHere } from '#lib/registry/made-repo.ts';
import { toProblem, type Problem } from './problem.ts';

export interface KeptModelsNeeds extends KeepModelContext {
  /** Resolves when no tab writes into the place. */
  whenFree(id: string, signal: AbortSignal): Promise<void>;
  deletePlace(id: string): Promise<void>;
  /** Asks the browser not to delete what is kept. */
  persist(): Promise<boolean>;
}

/** A download of this tab. */
export interface Running {
  /** Null until the files are listed. */
  id: string | null;
  doneBytes: number;
  totalBytes: number;
  bytesPerSecond: number;
  secondsLeft: number | null;
  /** A file that came with wrong bytes and is fetched once more. */
  again: string | null;
  stop: AbortController;
}

const BUSY = 'shell/place-busy';

export class KeptModelsState {
  /** Newest first; null until the ledger was read. */
  all: readonly KeptModel[] | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  /** By `owner/name`, or `owner/name:variant`. */
  readonly running = new SvelteMap<string, Running>();
  /** Ids of what this tab finished downloading, until the user dismisses it. */
  readonly finished = new SvelteSet<string>();
  readonly #needs: KeptModelsNeeds;
  /** Places whose lock this tab waits for. */
  readonly #followed = new SvelteSet<string>();
  readonly #closing = new AbortController();

  constructor(needs: KeptModelsNeeds) {
    this.#needs = needs;
  }

  /** Reads the ledger and follows it, for as long as the page lives. */
  start() {
    this.#needs.ledger.watch(
      (all) => {
        this.all = all;
        for (const model of all) if (model.state === 'downloading') void this.#follow(model);
      },
      (error) => {
        this.all ??= [];
        this.problem = toProblem(error);
      },
    );
  }

  today = (): number => this.#needs.today();

  get = (id: string): Promise<KeptModel | undefined> => this.#needs.ledger.get(id);

  find = (repo: string): KeptModel | undefined => this.all?.find((model) => model.repo === repo);

  /** Whether another tab downloads it. */
  isElsewhere = (model: KeptModel): boolean => model.state === 'downloading' && !this.running.has(model.repo);

  /** Starts or goes on. True when it is complete. */
  async download(repo: Repo, dtype: WeightDtype, base?: string): Promise<boolean> {
    const name = repoName(repo);
    if (this.running.has(name)) return false;
    const stop = new AbortController();
    const show = (changes: Partial<Running>) => {
      const before = this.running.get(name);
      const none = { id: null, doneBytes: 0, totalBytes: 0, bytesPerSecond: 0, secondsLeft: null, again: null, stop };
      this.running.set(name, { ...(before ?? none), ...changes });
    };
    show({});
    this.problem = null;
    let id: string | null = null;
    try {
      await this.#needs.persist();
      for await (const event of keepModel(this.#needs, { repo, dtype, base }, stop)) {
        switch (event.type) {
          case 'recorded':
            ({ id } = event.model);
            show({ id, totalBytes: event.model.totalBytes });
            break;
          case 'planned':
            show({ doneBytes: event.presentBytes, totalBytes: event.totalBytes });
            break;
          case 'progress': {
            const { doneBytes, totalBytes, bytesPerSecond, secondsLeft } = event;
            show({ doneBytes, totalBytes, bytesPerSecond, secondsLeft });
            break;
          }
          case 'again':
            show({ again: event.path });
            break;
          case 'kept':
            this.finished.add(event.id);
            break;
          case 'file':
            break;
        }
      }
      return true;
    } catch (error) {
      const isBusy = error instanceof PayableError && error.code === BUSY;
      // Once it is in the ledger, its problem is shown from there.
      if (!(error instanceof AbortedError) && (id === null || isBusy)) this.problem = toProblem(error);
      return false;
    } finally {
      this.running.delete(name);
    }
  }

  resume = async (model: KeptModel): Promise<boolean> => {
    if (isMadeHere(model.repo)) {
      const message = `${model.repo} was trained on this device, so it cannot be downloaded.`;
      this.problem = { message, hint: 'Delete it, and train it again.' };
      return false;
    }
    return this.download({ ...parseRepo(model.repo), revision: model.commit }, model.dtype, model.base ?? undefined);
  };

  pause(repo: string) {
    this.running.get(repo)?.stop.abort();
  }

  /** Deletes files and record. */
  async remove(model: KeptModel): Promise<void> {
    this.problem = null;
    try {
      await this.#needs.deletePlace(model.id);
      await this.#needs.ledger.remove(model.id);
    } catch (error) {
      this.problem = toProblem(error);
    }
  }

  /** Deletes files that are no longer right. The record stays, so that they can be downloaded again. */
  async discardFiles(model: KeptModel, problem: Problem): Promise<void> {
    await this.#needs.deletePlace(model.id).catch((error: unknown) => (this.problem = toProblem(error)));
    await this.change(model, { state: 'paused', problem, doneBytes: 0 });
  }

  change(model: KeptModel, changes: Partial<Omit<KeptModel, 'id'>>): Promise<void> {
    return this.#needs.ledger.update(model.id, changes).catch((error: unknown) => {
      this.problem = toProblem(error);
    });
  }

  /** Goes on with a download that no tab works on, as soon as that is so. */
  async #follow({ id, repo }: KeptModel) {
    if (this.#followed.has(id) || this.running.has(repo)) return;
    this.#followed.add(id);
    await this.#needs.whenFree(id, this.#closing.signal);
    this.#followed.delete(id);
    if (this.#closing.signal.aborted || this.running.has(repo)) return;
    const now = await this.#needs.ledger.get(id);
    if (now?.state === 'downloading') await this.resume(now);
  }

  close() {
    this.#closing.abort();
  }
}
