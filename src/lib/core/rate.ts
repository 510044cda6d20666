// Bytes per second over the last seconds, so that the time left follows the current speed.

const WINDOW_MS = 4000;
/** Shorter samples say nothing. */
const LEAST_MS = 1000;

export class Rate {
  #samples: { bytes: number; at: number }[] = [];

  restart() {
    this.#samples = [];
  }

  /** Records that `bytes` have arrived by `at` milliseconds; returns the rate, 0 during the first second. */
  at(bytes: number, at: number): number {
    this.#samples.push({ bytes, at });
    while (this.#samples.length > 2 && at - this.#samples[1]!.at > WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0]!;
    return at - first.at >= LEAST_MS ? ((bytes - first.bytes) / (at - first.at)) * 1000 : 0;
  }
}
