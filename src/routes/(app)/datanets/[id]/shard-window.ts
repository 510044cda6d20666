// Which rows of a version are on screen or near it, and in which shards they are. All rows have the same height.

import type { Shard } from '#lib/formats/datanet/datanet-version.ts';

/** From `first` up to but not including `end`. */
export interface Span {
  first: number;
  end: number;
}

export interface RowWindow {
  /** Rows to draw. */
  rows: Span;
  /** Shards to read: those of the drawn rows and some more. */
  shards: Span;
}

/** Rows drawn and rows read beyond either edge of the screen. */
const MARGIN = { drawn: 12, read: 40 };
/** The window moves by this many rows. */
const STEP = 8;

export function createShardPlaces(shards: readonly Pick<Shard, 'rows'>[]) {
  const starts = new Float64Array(shards.length + 1);
  shards.forEach(({ rows }, at) => (starts[at + 1] = starts[at]! + rows));
  const total = starts[shards.length]!;
  /** The shard that holds row `row`. */
  function shardOf(row: number): number {
    let [low, high] = [0, shards.length];
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= row) low = middle;
      else high = middle;
    }
    return low;
  }
  const spanAround = (top: number, count: number, margin: number): Span => ({
    first: Math.max(0, Math.min(total - 1, Math.floor(top) - margin)),
    end: Math.max(0, Math.min(total, Math.ceil(top + count) + margin)),
  });
  return {
    total,
    shardOf,
    /** The first row of a shard. */
    startOf: (shard: number): number => starts[shard]!,
    /** For rows from `top` on, `count` of them on screen; both may be fractions. */
    windowAt(top: number, count: number): RowWindow {
      if (total === 0) return { rows: { first: 0, end: 0 }, shards: { first: 0, end: 0 } };
      const drawn = spanAround(top, count, MARGIN.drawn);
      const read = spanAround(top, count, MARGIN.read);
      return {
        rows: {
          first: Math.floor(drawn.first / STEP) * STEP,
          end: Math.min(total, Math.ceil(drawn.end / STEP) * STEP),
        },
        shards: { first: shardOf(read.first), end: shardOf(read.end - 1) + 1 },
      };
    },
  };
}
