// A bridge from callbacks to `for await`: events pushed as they happen, read in order, ended or failed once.
// It knows order and ends; it does not know the events.

export interface EventQueue<T> extends AsyncIterable<T> {
  push(event: T): void;
  end(): void;
  /** The reader gets what was pushed before, then the error. */
  fail(error: unknown): void;
}

export interface EventQueueOptions {
  /** `newest`: an event that was not read yet is replaced by the next. Default `all`. */
  keeps?: 'all' | 'newest';
  /** The reader takes an event. */
  onTake?(): void;
  /** The reader is done, also when it stops early. */
  onReturn?(): void;
}

/** For one reader. */
export function createEventQueue<T>({ keeps = 'all', onTake, onReturn }: EventQueueOptions = {}): EventQueue<T> {
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
      if (keeps === 'newest') pending.length = 0;
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
          while (pending.length > 0) {
            const event = pending.shift()!;
            onTake?.();
            yield event;
          }
          if (failure) throw failure.error;
          if (finished) return;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        onReturn?.();
      }
    },
  };
}
