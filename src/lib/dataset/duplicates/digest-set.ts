// Maps a digest to the number it was first added with: a hash table in flat memory, 14 to 18 bytes per entry. Digests are
// compared by their first eight bytes.

export interface DigestSet {
  /** The number this digest was first added with; null when it is new, and then it is added. */
  firstWith(digest: Uint8Array, number: number): number | null;
}

const TABLES = 64;
const START = 64;
/** Above this load, probing takes too long. */
const MAX_LOAD = 0.85;
/** Tables grow one at a time and by a quarter, so that copies and empty places stay small beside the content. */
const GROWTH = 1.25;

export function createDigestSet(): DigestSet {
  const tables = Array.from({ length: TABLES }, () => createTable());
  return {
    firstWith(digest, number) {
      const view = new DataView(digest.buffer, digest.byteOffset, 8);
      const [a, b] = [view.getUint32(0), view.getUint32(4)];
      return tables[a % TABLES]!(a, b, number);
    },
  };
}

function createTable() {
  let high = new Uint32Array(START);
  let low = new Uint32Array(START);
  /** Number plus one; 0 marks an empty place. */
  let numbers = new Uint32Array(START);
  let count = 0;

  const place = (a: number, b: number): number => {
    const size = numbers.length;
    let at = b % size;
    while (numbers[at] !== 0 && (high[at] !== a || low[at] !== b)) at = at + 1 === size ? 0 : at + 1;
    return at;
  };
  const grow = (): void => {
    const [a, b, n] = [high, low, numbers];
    const size = Math.ceil(n.length * GROWTH);
    [high, low, numbers] = [0, 0, 0].map(() => new Uint32Array(size)) as [Words, Words, Words];
    for (let at = 0; at < n.length; at++) {
      if (n[at] === 0) continue;
      const to = place(a[at]!, b[at]!);
      [high[to], low[to], numbers[to]] = [a[at]!, b[at]!, n[at]!];
    }
  };
  return (a: number, b: number, number: number): number | null => {
    const at = place(a, b);
    if (numbers[at] !== 0) return numbers[at]! - 1;
    [high[at], low[at], numbers[at]] = [a, b, number + 1];
    if (++count > MAX_LOAD * numbers.length) grow();
    return null;
  };
}

type Words = Uint32Array<ArrayBuffer>;
