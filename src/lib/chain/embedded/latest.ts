// A changing value for any number of followers: each receives the newest value, and may miss earlier ones.

export interface Latest<T> {
  put(value: T): void;
  /** Ends every follower after it has received the last value. */
  end(): void;
  /** The current value, if any, then each change, until `end` or `signal`. */
  follow(signal?: AbortSignal): AsyncIterable<T>;
}

export function createLatest<T>(): Latest<T> {
  let current: { value: T; version: number } | undefined;
  let ended = false;
  const sleepers = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of sleepers) wake();
  };
  return {
    put(value) {
      current = { value, version: (current?.version ?? 0) + 1 };
      wakeAll();
    },
    end() {
      ended = true;
      wakeAll();
    },
    async *follow(signal) {
      let seen = 0;
      const stopped = () => signal?.aborted === true;
      while (!stopped()) {
        if (current && current.version > seen) {
          seen = current.version;
          yield current.value;
          continue;
        }
        if (ended) return;
        await new Promise<void>((resolve) => {
          const wake = () => {
            sleepers.delete(wake);
            signal?.removeEventListener('abort', wake);
            resolve();
          };
          sleepers.add(wake);
          signal?.addEventListener('abort', wake, { once: true });
        });
      }
    },
  };
}
