// The progress of work on a file that is imported, with its rate. Each update may pause the work, so that the page can draw.

import { Rate } from '#lib/core/rate.ts';

export interface ImportProgress {
  what: 'inspecting' | 'reading' | 'packing';
  bytes: number;
  ofBytes: number;
  rows: number;
  bytesPerSecond: number;
}

/** Work without a pause that a user does not notice. */
const BUSY_MS = 12;

export class ImportProgressState {
  value: ImportProgress | null = $state.raw(null);
  readonly #now: () => number;
  #rate = new Rate();
  #pausedAt = 0;

  /** `now` counts milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  clear() {
    this.value = null;
    this.#rate.restart();
  }

  async show({ what, bytes, ofBytes, rows }: Omit<ImportProgress, 'bytesPerSecond'>): Promise<void> {
    const bytesPerSecond = what === 'packing' ? 0 : this.#rate.at(bytes, this.#now());
    this.value = { what, bytes, ofBytes, rows, bytesPerSecond };
    // A timer takes at least four milliseconds and a batch about two, so not after every batch.
    if (this.#now() - this.#pausedAt < BUSY_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#pausedAt = this.#now();
  }
}
