// Says that something changed, without saying what: those that wait ask again.

export interface Changes {
  happen(): void;
  onEach(listener: () => void): void;
  /** Resolves at the next change. */
  next(): Promise<void>;
}

export function createChanges(): Changes {
  const listeners: (() => void)[] = [];
  let waiting: (() => void)[] = [];
  return {
    happen() {
      const woken = waiting;
      waiting = [];
      for (const resolve of woken) resolve();
      for (const listener of listeners) listener();
    },
    onEach: (listener) => void listeners.push(listener),
    next: () => new Promise((resolve) => waiting.push(resolve)),
  };
}
