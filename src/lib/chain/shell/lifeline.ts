// Whether another thread is alive, by the lock that it holds: the browser releases the lock when the thread dies,
// however sudden. No polling, no timeouts.

import { NoChainHomeError } from '../errors.ts';

function needLocks(): LockManager {
  // The type says they are always there; an insecure page knows better.
  const { locks } = navigator as Partial<Navigator>;
  if (!locks) throw new NoChainHomeError('the browser gives this page no Web Locks');
  return locks;
}

/** Resolves once the lock is ours; it is then held until this thread ends. */
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
