// What transfers need from Node.

import { setTimeout } from 'node:timers/promises';
import type { TransferHost } from '#lib/files/transfer-host.ts';

export const createTransferHost = (): TransferHost => ({
  fetch: (...args) => fetch(...args),
  now: () => performance.now(),
  today: () => new Date(),
  random: () => Math.random(),
  // The caller looks at the signal afterwards.
  wait: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => undefined),
});
