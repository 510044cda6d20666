// A set of rows of a version: one bit per row, so that a million rows take 125 kB.

export interface RowSet {
  /** Number of rows in the version. */
  readonly size: number;
  has(row: number): boolean;
  add(row: number): void;
  /** Keeps only rows that are in `other`, too. */
  intersect(other: RowSet): void;
  /** Number of rows in the set. */
  count(): number;
  /** The first `most` rows of the set. */
  first(most: number): Uint32Array;
  readonly bits: Uint32Array;
}

export function createRowSet(size: number): RowSet {
  const bits = new Uint32Array((size + 31) >>> 5);
  return {
    size,
    bits,
    has: (row) => ((bits[row >>> 5]! >>> (row & 31)) & 1) === 1,
    add(row) {
      bits[row >>> 5]! |= 1 << (row & 31);
    },
    intersect(other) {
      for (let at = 0; at < bits.length; at++) bits[at]! &= other.bits[at] ?? 0;
    },
    count() {
      let sum = 0;
      for (const word of bits) sum += ones(word);
      return sum;
    },
    first(most) {
      const rows = new Uint32Array(Math.min(most, this.count()));
      for (let at = 0, n = 0; n < rows.length; at++) {
        for (let word = bits[at]!; word !== 0 && n < rows.length; word &= word - 1) {
          rows[n++] = 32 * at + 31 - Math.clz32(word & -word);
        }
      }
      return rows;
    },
  };
}

/** Number of set bits (Hacker's Delight, figure 5-2). */
function ones(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
