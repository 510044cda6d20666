// The host of transfers in tests: real requests to this machine, pauses that are noted instead of waited for.

import type { TransferHost } from '#lib/files/transfer-host.ts';
import { createRng } from '#lib/core/rng.ts';

export interface TestTransferHost extends TransferHost {
  /** Milliseconds of every pause that was asked for. */
  readonly pauses: number[];
}

export function testTransferHost(): TestTransferHost {
  const pauses: number[] = [];
  const rng = createRng(7);
  return {
    pauses,
    fetch: (...args) => fetch(...args),
    now: () => performance.now(),
    today: () => new Date('2026-11-30T09:00:00Z'),
    random: () => rng.uniform(),
    wait: async (ms) => void pauses.push(ms),
  };
}
