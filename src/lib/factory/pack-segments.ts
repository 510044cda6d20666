// Packs examples into bins, so that short ones share a pass: first fit, in the given order. An example is one segment of one bin,
// never cut. A bin's size is the smallest length bucket that holds it, so that few sizes of buffers occur.

export const LENGTH_BUCKETS = [128, 256, 512, 1024, 2048] as const;
export type LengthBucket = (typeof LENGTH_BUCKETS)[number];

/** An example of one adapter's data that takes part in a step. */
export interface PackItem {
  /** Place of the adapter among those that are trained together. */
  adapter: number;
  /** Place of the example in that adapter's data. */
  example: number;
  length: number;
}

export interface Segment extends PackItem {
  /** First row of the segment in its bin. */
  start: number;
}

export interface Bin {
  size: LengthBucket;
  /** Rows in use; the rest of `size` is padding. */
  used: number;
  segments: Segment[];
}

/** Each item must have 1 to `capacity` tokens. Equal items in equal order give equal bins. */
export function packSegments(items: readonly PackItem[], capacity: LengthBucket): Bin[] {
  const wrong = items.find(({ length }) => !Number.isInteger(length) || length < 1 || length > capacity);
  if (wrong) throw new RangeError(`an example of ${wrong.length} tokens does not fit into a bin of ${capacity}`);
  return firstFit(items, capacity).flatMap(tighten);
}

function firstFit(items: readonly PackItem[], capacity: number): Bin[] {
  const bins: Omit<Bin, 'size'>[] = [];
  const room = createRoomTree(items.length, capacity);
  for (const { adapter, example, length } of items) {
    const at = room.firstWith(length);
    const bin = (bins[at] ??= { used: 0, segments: [] });
    bin.segments.push({ adapter, example, length, start: bin.used });
    bin.used += length;
    room.take(at, length);
  }
  return bins.map((bin) => ({ size: bucketFor(bin.used), ...bin }));
}

/** A bin that is little more than half full may fit into smaller ones that have fewer rows together. */
function tighten(bin: Bin): Bin[] {
  const longest = bin.segments.reduce((most, { length }) => Math.max(most, length), 0);
  const smaller = LENGTH_BUCKETS.findLast((size) => size < bin.size && size >= longest);
  if (smaller === undefined) return [bin];
  const bins = firstFit(bin.segments, smaller).flatMap(tighten);
  return bins.reduce((rows, { size }) => rows + size, 0) < bin.size ? bins : [bin];
}

/** The smallest bucket that holds `tokens`. */
export function bucketFor(tokens: number): LengthBucket {
  const bucket = LENGTH_BUCKETS.find((size) => tokens <= size);
  if (bucket === undefined) throw new RangeError(`${tokens} tokens are more than the largest bucket holds`);
  return bucket;
}

/** The room left in `count` bins as a tree of maxima: the first bin with enough room is found in logarithmic time. */
function createRoomTree(count: number, capacity: number) {
  let leaves = 1;
  while (leaves < count) leaves *= 2;
  const most = new Uint32Array(2 * leaves).fill(capacity);
  return {
    firstWith: (length: number): number => {
      let at = 1;
      while (at < leaves) at = most[2 * at]! >= length ? 2 * at : 2 * at + 1;
      return at - leaves;
    },
    take: (bin: number, length: number): void => {
      let at = bin + leaves;
      most[at]! -= length;
      for (at >>= 1; at >= 1; at >>= 1) most[at] = Math.max(most[2 * at]!, most[2 * at + 1]!);
    },
  };
}
