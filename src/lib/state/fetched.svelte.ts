// A value that has to be asked for again and again: the last answer, why the last try failed, and never an answer to a
// question nobody asks any more. Calls that come while one is under way are answered by one more.

import { toProblem, type Problem } from './problem.ts';

export class Fetched<T> {
  value: T | null = $state.raw(null);
  /** Why it could not be asked for; an earlier answer stays. */
  problem: Problem | null = $state.raw(null);
  readonly #ask: () => Promise<T>;
  #round = 0;
  #running: Promise<void> | null = null;
  #isAskedAgain = false;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  refresh(): Promise<void> {
    if (this.#running) {
      this.#isAskedAgain = true;
      return this.#running;
    }
    const running = this.#run().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }

  /** Another chain, another account: what was known counts no more, nor does an answer that is still to come. */
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
      this.#isAskedAgain = false;
      try {
        const value = await this.#ask();
        if (round !== this.#round) return;
        this.value = value;
        this.problem = null;
      } catch (error) {
        if (round !== this.#round) return;
        this.problem = toProblem(error);
      }
      if (!this.#wasAskedAgain()) return;
    }
  }

  #wasAskedAgain = () => this.#isAskedAgain;
}
