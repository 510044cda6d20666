// A value that is fetched repeatedly: the newest value, and why the last fetch failed. Answers to outdated requests are dropped.
// However many calls come during a fetch, one more fetch follows.

import { toProblem, type Problem } from './problem.ts';

export class Fetched<T> {
  value: T | null = $state.raw(null);
  /** Why the last fetch failed; the earlier value stays. */
  problem: Problem | null = $state.raw(null);
  readonly #fetch: () => Promise<T>;
  #round = 0;
  #running: Promise<void> | null = null;
  #isStale = false;

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
  }

  refresh(): Promise<void> {
    if (this.#running) {
      this.#isStale = true;
      return this.#running;
    }
    const running = this.#run().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }

  /** For another chain or account: drops the value, and the answer of a fetch under way. */
  startOver(): Promise<void> {
    this.#round++;
    this.#running = null;
    this.value = null;
    this.problem = null;
    return this.refresh();
  }

  async #run() {
    const round = this.#round;
    for (;;) {
      this.#isStale = false;
      try {
        const value = await this.#fetch();
        if (round !== this.#round) return;
        this.value = value;
        this.problem = null;
      } catch (error) {
        if (round !== this.#round) return;
        this.problem = toProblem(error);
      }
      if (!this.#isRequestedAgain()) return;
    }
  }

  #isRequestedAgain = () => this.#isStale;
}
