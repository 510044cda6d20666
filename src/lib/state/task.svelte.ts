// Work that a page starts and can stop: whether it runs and why it failed. Progress and results belong to the state that owns the task.

import { AbortedError } from '#lib/core/errors.ts';
import { toProblem, type Problem } from './problem.ts';

/** Checks `signal` after each wait: once it is aborted, a newer run may have taken over, and nothing may be changed any more. */
export type Work = (signal: AbortSignal) => Promise<void>;

/** A problem to show; null when the work was stopped, which is no failure. */
export const problemUnlessStopped = (error: unknown, signal: AbortSignal): Problem | null =>
  signal.aborted || error instanceof AbortedError ? null : toProblem(error);

export class Task {
  /** Stays true after `stop` until the work has ended. */
  isRunning = $state(false);
  /** Why the newest run failed. The owner may put other problems here. */
  problem: Problem | null = $state.raw(null);
  #controller = new AbortController();

  /** Runs `work`, unless something runs already. True when it ended without failing or being stopped. */
  async start(work: Work): Promise<boolean> {
    return !this.isRunning && this.restart(work);
  }

  /** Stops what runs and runs `work` in its place. True when it ended without failing, being stopped or being replaced. */
  async restart(work: Work): Promise<boolean> {
    this.stop();
    const controller = new AbortController();
    const { signal } = controller;
    this.#controller = controller;
    this.isRunning = true;
    this.problem = null;
    try {
      await work(signal);
      return !signal.aborted;
    } catch (error) {
      this.problem = problemUnlessStopped(error, signal) ?? this.problem;
      return false;
    } finally {
      if (this.#controller === controller) this.isRunning = false;
    }
  }

  stop(): void {
    this.#controller.abort();
  }
}
