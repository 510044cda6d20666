// A push-to-pull bridge: events pushed as they happen, read with `for await`, ended or failed once.

export interface EventQueue<T> extends AsyncIterable<T> {
  push(event: T): void;
  end(): void;
  fail(error: unknown): void;
}

/** `onReturn` runs when the reader stops early. */
export function createEventQueue<T>(onReturn: () => void): EventQueue<T> {
  const pending: T[] = [];
  let finished = false;
  let failure: { error: unknown } | null = null;
  let wake: (() => void) | null = null;
  const rouse = () => {
    wake?.();
    wake = null;
  };
  return {
    push(event) {
      pending.push(event);
      rouse();
    },
    end() {
      finished = true;
      rouse();
    },
    fail(error) {
      failure ??= { error };
      rouse();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          while (pending.length > 0) yield pending.shift()!;
          if (failure) throw failure.error;
          if (finished) return;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        onReturn();
      }
    },
  };
}
