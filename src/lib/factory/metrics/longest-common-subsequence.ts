// The length of the longest common subsequence of two sequences, bit by bit: 32 places of one sequence at a time (Crochemore and others,
// 2001; Hyyrö, 2004). 16,384 words on both sides take 8 million steps, where the table of the textbook takes 268 million.

const BITS = 32;

/** Elements are compared with `===`. */
export function longestCommonSubsequence(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 0;
  const width = Math.ceil(a.length / BITS);
  const places = new Map<number, Uint32Array>();
  a.forEach((element, at) => {
    const mask = places.get(element) ?? new Uint32Array(width);
    places.set(element, mask);
    mask[at >>> 5]! |= 1 << (at & 31);
  });
  // A bit that is 0 marks a place of `a` at which the length grows by one.
  const row = new Uint32Array(width).fill(0xffff_ffff);
  for (const element of b) {
    const mask = places.get(element);
    if (!mask) continue;
    let carry = 0;
    for (let i = 0; i < width; i++) {
      const bits = row[i]!;
      const matched = (bits & mask[i]!) >>> 0;
      const sum = bits + matched + carry;
      carry = sum > 0xffff_ffff ? 1 : 0;
      row[i] = (sum >>> 0) | (bits & ~mask[i]!);
    }
  }
  let length = 0;
  for (let at = 0; at < a.length; at++) if (((row[at >>> 5]! >>> (at & 31)) & 1) === 0) length++;
  return length;
}
