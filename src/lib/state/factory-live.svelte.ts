// A training run of this tab while it runs: folds the events of the flow into the record and keeps it. After the estimate it waits for
// the user. Pausing and finishing are signals to the flow, which ends by itself.

import { AbortedError } from '#lib/core/errors.ts';
import type { TrainEvent, TrainResult } from '#lib/flows/train-event.ts';
import type { FactoryRun } from './factory-run.ts';
import { toProblem, type Problem } from './problem.ts';
import { foldTrainEvent } from './run-history.ts';

export interface LoadedBytes {
  loadedBytes: number;
  totalBytes: number;
}

export interface FactoryLiveNeeds {
  /** Loads the base and runs `trainAdapter`. `signal` pauses, `finish` ends early with the best weights. */
  train(
    run: FactoryRun,
    options: { signal: AbortSignal; finish: AbortSignal; onLoading: (progress: LoadedBytes | null) => void },
  ): AsyncIterable<TrainEvent>;
  /** Keeps the adapters on this device, and returns their ids by job. */
  keep(run: FactoryRun, result: TrainResult): Promise<string[]>;
  put(run: FactoryRun): Promise<void>;
  /** Milliseconds since 1970. */
  today(): number;
}

/** How often the record is written while steps come. Other tabs read it there. */
const RECORD_MS = 1000;

export class FactoryLive {
  run: FactoryRun = $state.raw() as FactoryRun;
  /** Of the base model; null when it is loaded. */
  loading: LoadedBytes | null = $state.raw(null);
  /** The estimate is there, and training waits for the user. */
  isWaiting = $state(false);
  ending: 'pausing' | 'finishing' | null = $state(null);
  /** The record cannot be written; training goes on. */
  recordProblem: Problem | null = $state.raw(null);
  readonly #needs: FactoryLiveNeeds;
  readonly #pause = new AbortController();
  readonly #finish = new AbortController();
  #confirm: (() => void) | null = null;
  #writtenAt = -Infinity;

  constructor(run: FactoryRun, needs: FactoryLiveNeeds) {
    this.run = run;
    this.#needs = needs;
  }

  /** Saves a checkpoint and ends. */
  pause = () => {
    this.ending ??= 'pausing';
    this.#pause.abort();
  };

  /** Ends as if the step under way were the last. */
  finish = () => {
    this.ending ??= 'finishing';
    this.#finish.abort();
  };

  /** Lets it train after the estimate. */
  confirm = () => this.#confirm?.();

  /** Ends when the run is done, paused or failed; the record says which. */
  async go(): Promise<void> {
    await this.#change({ state: 'running', problem: null });
    try {
      const [pause, finish] = [this.#pause.signal, this.#finish.signal];
      const onLoading = (progress: LoadedBytes | null) => (this.loading = progress);
      for await (const event of this.#needs.train(this.run, { signal: pause, finish, onLoading })) {
        this.loading = null;
        await this.#fold(event);
        if (event.type === 'estimate' && !this.run.isConfirmed) await this.#waitForUser();
      }
      // A flow that ends without a result was stopped before it had something to save.
      if (this.run.state === 'running') await this.#change({ state: 'paused' });
    } catch (error) {
      if (error instanceof AbortedError || this.#pause.signal.aborted) await this.#change({ state: 'paused' });
      else await this.#change({ state: 'failed', problem: toProblem(error) });
    } finally {
      this.loading = null;
    }
  }

  async #fold(event: TrainEvent) {
    const history = foldTrainEvent(this.run.history, event);
    if (event.type === 'done') {
      const kept = await this.#needs.keep(this.run, event.result);
      await this.#change({ history, kept, state: 'done' });
    } else if (event.type === 'paused') await this.#change({ history, state: 'paused' });
    else if (event.type === 'step' && this.#needs.today() - this.#writtenAt < RECORD_MS)
      this.run = { ...this.run, history };
    else await this.#change({ history });
  }

  async #waitForUser() {
    this.isWaiting = true;
    await new Promise<void>((resolve) => {
      this.#confirm = resolve;
      this.#pause.signal.addEventListener('abort', () => resolve(), { once: true });
      if (this.#pause.signal.aborted) resolve();
    });
    this.isWaiting = false;
    if (!this.#pause.signal.aborted) await this.#change({ isConfirmed: true });
  }

  async #change(changes: Partial<FactoryRun>) {
    const updatedAt = this.#needs.today();
    this.run = { ...this.run, ...changes, updatedAt };
    this.#writtenAt = updatedAt;
    try {
      await this.#needs.put(this.run);
      this.recordProblem = null;
    } catch (error) {
      this.recordProblem = toProblem(error);
    }
  }
}
