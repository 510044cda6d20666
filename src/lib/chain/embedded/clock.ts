// Block times: the host's seconds plus the user's offset, and always later than the parent's time.

export interface Clock {
  /** Seconds for the block after one made at `parent`. A time set for the next block stays until `made`. */
  next(parent: bigint): bigint;
  /** Records that a block was made at `timestamp`. */
  made(timestamp: bigint): void;
  /** Advances the clock; returns the total offset in seconds. */
  advance(seconds: bigint): bigint;
  /** Sets the time of the next block; later blocks continue from there. */
  setNext(timestamp: bigint): void;
}

/**
 * `now` returns milliseconds. When the stored head (`head`, in seconds) is ahead of the host, time continues from it, so the
 * offset need not be stored.
 */
export function createClock(now: () => number, head: bigint): Clock {
  const seconds = () => BigInt(Math.floor(now() / 1000));
  const ahead = head - seconds();
  let offset = ahead > 0n ? ahead : 0n;
  let fixed: bigint | undefined;
  return {
    next(parent) {
      const time = fixed ?? seconds() + offset;
      return time > parent ? time : parent + 1n;
    },
    made(timestamp) {
      if (fixed !== undefined) offset = timestamp - seconds();
      fixed = undefined;
    },
    advance(by) {
      offset += by;
      return offset;
    },
    setNext(timestamp) {
      fixed = timestamp;
    },
  };
}
