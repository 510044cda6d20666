// Where the last tokens of a sequence stood before, and what followed there. It finds the longest such place among a few recent ones;
// it knows ids, not text, and does not judge how likely the continuation is.

export interface TokenLookup {
  push(token: number): void;
  /**
   * What is expected behind the tokens pushed so far: `count` tokens from the one `skip` places on, fewer where a text ends. A
   * continuation that reaches the end of the sequence goes on with itself, as a loop does.
   */
  continuation(skip: number, count: number): number[];
}

/** Tokens that must agree before a place counts. */
const SHORTEST = 3;
/** Agreement beyond this makes no place better. */
const LONGEST = 32;
/** Places compared, the last ones first. */
const PLACES = 8;
/** Between texts; no token, so that nothing agrees across it and no continuation passes it. */
const BORDER = -1;

/** `texts`: further tokens to look in; the sequence itself is pushed. */
export function createTokenLookup(texts: readonly (readonly number[])[] = []): TokenLookup {
  const history: number[] = [];
  /** By the hash of three tokens, the position behind the last place where they stand. */
  const lastAt = new Map<number, number>();
  /** By position behind such a place, the one before it with the same hash; 0 for none. */
  const before: number[] = [];
  /** Position behind the best place that agrees with the end; 0 for none. */
  let found = 0;

  const agreement = (end: number): number => {
    let length = 0;
    while (length < LONGEST && length < end) {
      const token = history[end - 1 - length];
      if (token === BORDER || token !== history[history.length - 1 - length]) break;
      length++;
    }
    return length;
  };
  const search = (candidate: number): number => {
    let best = 0;
    let longest = SHORTEST - 1;
    let at = candidate;
    for (let place = 0; place < PLACES && at > 0 && longest < LONGEST; place++) {
      const length = agreement(at);
      if (length > longest) [best, longest] = [at, length];
      at = before[at]!;
    }
    return best;
  };
  const push = (token: number) => {
    history.push(token);
    const end = history.length;
    before[end] = 0;
    found = 0;
    if (end < SHORTEST) return;
    const key = hashOf(history[end - 3]!, history[end - 2]!, token);
    const last = lastAt.get(key) ?? 0;
    found = search(last);
    before[end] = last;
    lastAt.set(key, end);
  };

  for (const text of texts) {
    for (const token of text) push(token);
    push(BORDER);
  }
  return {
    push,
    continuation(skip, count) {
      const expected: number[] = [];
      if (found === 0) return expected;
      while (expected.length < skip + count) {
        const at = found + expected.length;
        const token = at < history.length ? history[at]! : expected[at - history.length]!;
        if (token === BORDER) break;
        expected.push(token);
      }
      return expected.slice(skip);
    },
  };
}

const hashOf = (a: number, b: number, c: number): number =>
  Math.imul(Math.imul(Math.imul(a, 0x9e37_79b1) ^ b, 0x85eb_ca6b) ^ c, 0xc2b2_ae35);
