// Cuts long lists of dispatches into submits of bounded time, so that the browser can draw and answers can run between them. How much fits a
// submit is measured. Results do not depend on the cuts: dispatches keep their order.

import type { Device, Dispatch } from '#lib/webgpu/device.ts';

export interface PacedSubmits {
  /**
   * Resolves when all is submitted; then at most two submits have not run yet. Dispatches of one `kind` take about the same time each.
   */
  submit(kind: string, dispatches: readonly Dispatch[]): Promise<void>;
}

/** Half of what a submit may take, because measured times vary. */
const AIM_MS = 25;
const IN_FLIGHT = 2;
/** Of a kind that was not measured yet: about a layer. */
const FIRST = 16;

export function createPacedSubmits(device: Pick<Device, 'submit' | 'settle'>, now: () => number): PacedSubmits {
  /** Dispatches of a submit, by kind. */
  const sizes = new Map<string, number>();
  const inFlight: Promise<void>[] = [];
  let settledAt = -Infinity;
  const sizeOf = (kind: string) => sizes.get(kind) ?? FIRST;

  const measured = (kind: string, count: number, milliseconds: number) => {
    const size = sizeOf(kind);
    const fitting = Math.floor((count * AIM_MS) / Math.max(milliseconds, 0.01));
    // A short rest of a list takes mostly the time of the submit itself.
    if (count < size / 2 && fitting > count) return;
    sizes.set(kind, Math.max(1, Math.min(fitting, 2 * size)));
  };
  const launch = (kind: string, dispatches: readonly Dispatch[]) => {
    const started = now();
    device.submit(dispatches);
    const done = device
      .settle()
      .then(() => {
        const from = Math.max(started, settledAt);
        settledAt = now();
        measured(kind, dispatches.length, settledAt - from);
      })
      .finally(() => inFlight.splice(inFlight.indexOf(done), 1));
    // The next submit or read on the device throws the same failure; this one is not reported as unhandled.
    done.catch(() => undefined);
    inFlight.push(done);
  };
  return {
    async submit(kind, dispatches) {
      for (let at = 0; at < dispatches.length;) {
        while (inFlight.length >= IN_FLIGHT) await inFlight[0];
        const end = Math.min(at + sizeOf(kind), dispatches.length);
        launch(kind, dispatches.slice(at, end));
        at = end;
      }
    },
  };
}
