// What transfers need from a browser.

import type { TransferHost } from '#lib/files/transfer-host.ts';

export const createBrowserTransferHost = (): TransferHost => ({
  fetch: (...args) => fetch(...args),
  now: () => performance.now(),
  today: () => new Date(),
  random: () => Math.random(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    }),
});
