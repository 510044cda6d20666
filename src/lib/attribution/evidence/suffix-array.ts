// Suffix arrays in linear time, by induced sorting (SA-IS; Nong, Zhang and Chan 2009), in flat arrays. It knows numbers only.

/**
 * The places of all suffixes of `text`, smallest first; a suffix that ends sorts before those that go on.
 * @param symbols every value of `text` is from 0 to `symbols` - 1
 */
export function suffixArray(text: Int32Array, symbols: number): Int32Array {
  const order = new Int32Array(text.length);
  sort(text, symbols, order);
  return order;
}

/** Not filled yet. No place is negative. */
const EMPTY = -1;

/** Fills `order`, which is as long as `text`. Deeper levels work within the same memory. */
function sort(text: Int32Array, symbols: number, order: Int32Array): void {
  const n = text.length;
  if (n === 0) return;
  const ends = bucketEnds(text, symbols);
  const cursor = new Int32Array(symbols);
  const rises = risingSuffixes(text);
  const isLeftmost = (at: number): boolean => at > 0 && rises[at] === 1 && rises[at - 1] === 0;

  // Sorts the substrings between leftmost rising suffixes.
  order.fill(EMPTY);
  cursor.set(ends);
  for (let at = n - 1; at > 0; at--) if (rises[at] === 1 && rises[at - 1] === 0) order[--cursor[text[at]!]!] = at;
  induce(text, order, rises, ends, cursor);

  let count = 0;
  for (let slot = 0; slot < n; slot++) {
    const at = order[slot]!;
    if (at > 0 && rises[at] === 1 && rises[at - 1] === 0) order[count++] = at;
  }
  // Names equal substrings alike. No two leftmost places are neighbours, so half of a place is its own.
  order.fill(EMPTY, count);
  let names = 0;
  for (let slot = 0; slot < count; slot++) {
    const at = order[slot]!;
    if (slot === 0 || !isSame(text, rises, order[slot - 1]!, at)) names++;
    order[count + (at >>> 1)] = names - 1;
  }
  const reduced = order.subarray(n - count);
  for (let from = n - 1, to = n - 1; to >= n - count; from--) if (order[from] !== EMPTY) order[to--] = order[from]!;

  const reducedOrder = order.subarray(0, count);
  if (names < count) sort(reduced, names, reducedOrder);
  else for (let at = 0; at < count; at++) reducedOrder[reduced[at]!] = at;

  // Replaces the numbers of leftmost places by the places.
  for (let at = 1, next = 0; at < n; at++) if (isLeftmost(at)) reduced[next++] = at;
  for (let slot = 0; slot < count; slot++) order[slot] = reduced[order[slot]!]!;
  order.fill(EMPTY, count);
  cursor.set(ends);
  for (let slot = count - 1; slot >= 0; slot--) {
    const at = order[slot]!;
    order[slot] = EMPTY;
    order[--cursor[text[at]!]!] = at;
  }
  induce(text, order, rises, ends, cursor);
}

/** Where the suffixes that begin with each symbol end in the order. */
function bucketEnds(text: Int32Array, symbols: number): Int32Array {
  const ends = new Int32Array(symbols);
  for (let at = 0; at < text.length; at++) ends[text[at]!]!++;
  for (let symbol = 1; symbol < symbols; symbol++) ends[symbol]! += ends[symbol - 1]!;
  return ends;
}

/** 1 where a suffix is smaller than the one after it; the last one is larger than the empty one that follows. */
function risingSuffixes(text: Int32Array): Uint8Array {
  const rises = new Uint8Array(text.length);
  for (let at = text.length - 2; at >= 0; at--) {
    const [here, next] = [text[at]!, text[at + 1]!];
    rises[at] = here < next || (here === next && rises[at + 1] === 1) ? 1 : 0;
  }
  return rises;
}

/** From the leftmost rising suffixes in `order` to all falling ones, and from these to all rising ones. */
function induce(text: Int32Array, order: Int32Array, rises: Uint8Array, ends: Int32Array, cursor: Int32Array): void {
  const n = text.length;
  cursor[0] = 0;
  for (let symbol = 1; symbol < ends.length; symbol++) cursor[symbol] = ends[symbol - 1]!;
  // The empty suffix comes first of all.
  order[cursor[text[n - 1]!]!++] = n - 1;
  for (let slot = 0; slot < n; slot++) {
    const at = order[slot]! - 1;
    if (at >= 0 && rises[at] === 0) order[cursor[text[at]!]!++] = at;
  }
  cursor.set(ends);
  for (let slot = n - 1; slot >= 0; slot--) {
    const at = order[slot]! - 1;
    if (at >= 0 && rises[at] === 1) order[--cursor[text[at]!]!] = at;
  }
}

/** Whether the substrings from two leftmost places up to the next leftmost place are equal. */
function isSame(text: Int32Array, rises: Uint8Array, a: number, b: number): boolean {
  const n = text.length;
  for (let step = 0; ; step++) {
    const [inA, inB] = [a + step, b + step];
    // One of them runs into the end of the text, which no other does at this length.
    if (inA === n || inB === n) return false;
    if (text[inA] !== text[inB] || rises[inA] !== rises[inB]) return false;
    if (step > 0 && rises[inA] === 1 && rises[inA - 1] === 0) return rises[inB - 1] === 0;
    if (step > 0 && rises[inB] === 1 && rises[inB - 1] === 0) return false;
  }
}
