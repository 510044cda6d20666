// Lets a generator report what a callback hears while the generator waits for a promise.

import { createEventQueue } from './event-queue.ts';

/**
 * Yields the events that `work` pushes while it runs, then returns its result. An event that was not taken before the next one is
 * dropped, so a slow reader sees the newest.
 */
export async function* eventsDuring<E, R>(work: (push: (event: E) => void) => Promise<R>): AsyncGenerator<E, R, void> {
  const events = createEventQueue<E>({ keeps: 'newest' });
  const working = work((event) => events.push(event)).finally(() => events.end());
  // Handled below, unless the reader leaves before.
  working.catch(() => undefined);
  yield* events;
  return await working;
}
