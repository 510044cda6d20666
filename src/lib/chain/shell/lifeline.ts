// Detects whether another thread is alive by a lock that it holds: the browser releases the lock when the thread ends, even
// abruptly. No polling, no timeouts.

import { NoChainHomeError } from '../errors.ts';

function needLocks(): LockManager {
  // The type says that `locks` always exists, but insecure contexts lack it.
  const { locks } = navigator as Partial<Navigator>;
  if (!locks) throw new NoChainHomeError('the browser gives this page no Web Locks');
  return locks;
}

/** Resolves when this thread holds the lock, which it keeps until it ends. */
export function holdForLife(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    needLocks()
      .request(name, () => {
        resolve();
        return new Promise(() => {});
      })
      .catch(reject);
  });
}

/** Resolves when the lock is free. */
export async function whenReleased(name: string): Promise<void> {
  await needLocks().request(name, { mode: 'shared' }, () => undefined);
}
