// Paces work that runs beside the decode loop, so that a step waits for one piece of it at most.
// It knows when steps run; it does not know what the pieces do.

/** What may go to the GPU between two steps. */
export const UPLOAD_BYTES = 2 << 20;

export interface Turns {
  /** Resolves when the next piece of CPU work may run: one at a time, with pending events of the thread in between. */
  compute(): Promise<void>;
  /** Runs `send` when so many bytes (at most UPLOAD_BYTES) may go to the GPU: at once while no step runs. */
  upload(bytes: number, send: () => void): Promise<void>;
  /** The loop launched what it could and now waits for a step. */
  step(): void;
  /** The loop ended. */
  rest(): void;
}

export function createTurns(): Turns {
  const computing: (() => void)[] = [];
  const uploading: { bytes: number; send(): void }[] = [];
  let isTicking = false;
  let isStepping = false;
  let credit = 0;

  const tick = () => {
    computing.shift()?.();
    isTicking = computing.length > 0;
    if (isTicking) setTimeout(tick);
  };
  const grant = () => {
    while (uploading.length > 0 && (!isStepping || uploading[0]!.bytes <= credit)) {
      const { bytes, send } = uploading.shift()!;
      credit -= bytes;
      send();
    }
  };

  return {
    compute() {
      const turn = new Promise<void>((resolve) => computing.push(resolve));
      if (!isTicking) setTimeout(tick);
      isTicking = true;
      return turn;
    },
    upload(bytes, send) {
      const turn = new Promise<void>((resolve, reject) =>
        uploading.push({
          bytes,
          send() {
            try {
              resolve(send());
            } catch (error) {
              reject(error instanceof Error ? error : new Error(String(error)));
            }
          },
        }),
      );
      grant();
      return turn;
    },
    step() {
      isStepping = true;
      credit = UPLOAD_BYTES;
      grant();
    },
    rest() {
      isStepping = false;
      grant();
    },
  };
}
