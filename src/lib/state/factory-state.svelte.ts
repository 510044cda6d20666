// The training runs of this browser: the list, and the one that trains in this tab. One run trains at a time in all tabs; the others
// watch its record.

import type { TrainingRuns } from '#lib/db/training-runs.ts';
import { FactoryLive, type FactoryLiveNeeds } from './factory-live.svelte.ts';
import { statusOf, type FactoryRun, type FactoryRunStatus, type RunEvaluation } from './factory-run.ts';
import { toProblem, type Problem } from './problem.ts';
import { NEW_HISTORY } from './run-history.ts';

export interface FactoryNeeds extends Omit<FactoryLiveNeeds, 'put'> {
  ledger: TrainingRuns<FactoryRun>;
  /** Takes the right to train until `release` is called or the tab ends; null while another tab has it. */
  take(id: string): Promise<{ release(): void } | null>;
  /** Id of the run that some tab trains. */
  takenBy(): Promise<string | null>;
  /** Resolves when no tab trains. */
  whenFree(signal: AbortSignal): Promise<void>;
  /** Deletes checkpoints. Kept adapters stay. */
  removeFiles(id: string): Promise<void>;
  newId(): string;
  /** A run of this tab begins; returns what ends it: the screen stays on, and leaving the page asks first. */
  guard(): () => void;
}

export type FactoryChoices = Pick<FactoryRun, 'name' | 'base' | 'dtype' | 'sources' | 'settings'>;

const BUSY: Problem = {
  message: 'Another run is being trained or measured.',
  hint: 'Pause or cancel it first, in this tab or another one: one run uses the GPU at a time.',
};

export class FactoryState {
  /** Newest first; null until they were read. */
  all: readonly FactoryRun[] | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  live: FactoryLive | null = $state.raw(null);
  #takenBy: string | null = $state(null);
  #isWatchingLock = false;
  readonly #needs: FactoryNeeds;
  readonly #closing = new AbortController();

  constructor(needs: FactoryNeeds) {
    this.#needs = needs;
  }

  /** Reads the runs and follows them, for as long as the page lives. */
  watch() {
    this.#needs.ledger.watch(
      (all) => {
        this.all = all;
        void this.#lookAtLock();
      },
      (error) => {
        this.all ??= [];
        this.problem = toProblem(error);
      },
    );
  }

  /** The run as it is now; undefined where there is none. */
  find(id: string): FactoryRun | undefined {
    return this.live?.run.id === id ? this.live.run : this.all?.find((run) => run.id === id);
  }

  statusOf = (run: FactoryRun): FactoryRunStatus => statusOf(run, this.live?.run.id ?? null, this.#takenBy);

  /** Whether some run trains, here or in another tab. */
  get isBusy(): boolean {
    return this.live !== null || this.#takenBy !== null;
  }

  /** Begins a new run and returns its id; null, with the reason shown, where it cannot. */
  async start(choices: FactoryChoices): Promise<string | null> {
    const now = this.#needs.today();
    const run: FactoryRun = {
      ...choices,
      ...{ id: this.#needs.newId(), createdAt: now, updatedAt: now, state: 'running', problem: null },
      ...{ isConfirmed: false, history: NEW_HISTORY, kept: [] },
    };
    return (await this.#begin(run)) ? run.id : null;
  }

  /** Goes on from the checkpoint, or from the start where there is none. */
  resume = (run: FactoryRun): Promise<boolean> => this.#begin(run);

  /** Deletes the record and its checkpoints; adapters that it made stay. */
  async remove(run: FactoryRun): Promise<void> {
    this.problem = null;
    try {
      await this.#needs.removeFiles(run.id);
      await this.#needs.ledger.remove(run.id);
    } catch (error) {
      this.problem = toProblem(error);
    }
  }

  /** Runs `work` while no run trains in any tab. False, with the reason shown, where one does. */
  async whileFree(run: FactoryRun, work: () => Promise<unknown>): Promise<boolean> {
    this.problem = null;
    const right = await this.#needs.take(run.id);
    if (!right) {
      this.problem = BUSY;
      return false;
    }
    const end = this.#needs.guard();
    void this.#lookAtLock();
    try {
      await work();
    } finally {
      end();
      right.release();
    }
    return true;
  }

  /** Adds the figures to the record, unless the run was removed meanwhile. */
  async keepEvaluation({ id }: FactoryRun, evaluation: RunEvaluation): Promise<void> {
    const run = this.find(id);
    if (run) await this.#needs.ledger.put({ ...run, evaluation, updatedAt: this.#needs.today() });
  }

  close() {
    this.#closing.abort();
  }

  /** True when it began; it goes on after that. */
  async #begin(run: FactoryRun): Promise<boolean> {
    this.problem = null;
    if (this.live) {
      this.problem = { ...BUSY, message: `“${this.live.run.name}” trains in this tab.` };
      return false;
    }
    const { ledger } = this.#needs;
    const live = new FactoryLive(run, { ...this.#needs, put: (changed) => ledger.put(changed) });
    // Taken at once: a second click must not begin it twice.
    this.live = live;
    const right = await this.#needs.take(run.id);
    if (!right) {
      this.live = null;
      this.problem = BUSY;
      return false;
    }
    const end = this.#needs.guard();
    void live.go().finally(() => {
      end();
      right.release();
      this.all = this.all?.map((one) => (one.id === live.run.id ? live.run : one)) ?? null;
      this.live = null;
    });
    return true;
  }

  /** Learns which run another tab trains, and when it ends. */
  async #lookAtLock() {
    this.#takenBy = await this.#needs.takenBy();
    if (this.#takenBy === null || this.#isWatchingLock) return;
    this.#isWatchingLock = true;
    await this.#needs.whenFree(this.#closing.signal);
    this.#isWatchingLock = false;
    if (!this.#closing.signal.aborted) this.#takenBy = await this.#needs.takenBy();
  }
}
