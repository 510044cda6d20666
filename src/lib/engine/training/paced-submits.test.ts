// How work is cut, on a device whose dispatches take the time that the test says.

import { describe, expect, it } from 'vitest';
import type { Dispatch } from '#lib/webgpu/device.ts';
import { createPacedSubmits } from './paced-submits.ts';

/** `cost`: milliseconds of a dispatch. */
function timedDevice(cost: () => number) {
  let clock = 0;
  let waiting = 0;
  const seen = { submits: [] as { count: number; milliseconds: number }[], ran: [] as Dispatch[], mostWaiting: 0 };
  const device = {
    submit(dispatches: readonly Dispatch[]) {
      seen.submits.push({ count: dispatches.length, milliseconds: dispatches.length * cost() });
      seen.ran.push(...dispatches);
      seen.mostWaiting = Math.max(seen.mostWaiting, ++waiting);
    },
    async settle() {
      const { milliseconds } = seen.submits.at(-1)!;
      await Promise.resolve();
      clock += milliseconds;
      waiting--;
    },
  };
  return { ...seen, seen, pace: createPacedSubmits(device, () => clock) };
}

const list = (length: number) => Array.from({ length }, (_, x) => ({ groups: [x, 1, 1] }) as unknown as Dispatch);

describe('a long list of dispatches', () => {
  it.each([0.02, 0.5, 3, 20])('of %d ms each comes to submits of at most 50 ms', async (cost) => {
    const { pace, seen } = timedDevice(() => cost);
    const dispatches = list(600);
    await pace.submit('forward', dispatches);
    expect(seen.ran).toEqual(dispatches);
    expect(seen.mostWaiting).toBe(2);
    // The first were cut before anything was measured.
    for (const { milliseconds } of seen.submits.slice(3)) expect(milliseconds).toBeLessThanOrEqual(50);
    const [, , , ...later] = seen.submits.slice(0, -1);
    if (cost > 0.1) for (const { milliseconds } of later.slice(3)) expect(milliseconds).toBeGreaterThan(12);
  });

  it('gets shorter submits when the device becomes slower, and each kind has its own', async () => {
    let cost = 0.1;
    const { pace, seen } = timedDevice(() => cost);
    await pace.submit('forward', list(3000));
    cost = 4;
    const before = seen.submits.length;
    await pace.submit('forward', list(300));
    expect(seen.submits.slice(before + 3).every(({ milliseconds }) => milliseconds <= 50)).toBe(true);
    const other = seen.submits.length;
    await pace.submit('backward', list(40));
    expect(seen.submits[other]!.count).toBe(16);
  });

  it('ends with the error of the device', async () => {
    const failure = new Error('lost');
    const pace = createPacedSubmits({ submit: () => undefined, settle: () => Promise.reject(failure) }, () => 0);
    await expect(pace.submit('forward', list(200))).rejects.toBe(failure);
  });
});
