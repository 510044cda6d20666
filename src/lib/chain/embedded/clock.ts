// Block times: the host's seconds plus the offset that the user has added, and always after the parent's time.

export interface Clock {
  /** Seconds for the block after one made at `parent`; forgets a time set for the next block only when told. */
  next(parent: bigint): bigint;
  /** A block was made at `timestamp`. */
  made(timestamp: bigint): void;
  /** Moves on; returns the whole offset in seconds. */
  advance(seconds: bigint): bigint;
  /** The next block gets this time, later ones go on from there. */
  setNext(timestamp: bigint): void;
}

/**
 * `now` gives milliseconds. A chain that was ahead of the host when it was left (`head`, in seconds) goes on from there:
 * the offset needs no place of its own on disk.
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
