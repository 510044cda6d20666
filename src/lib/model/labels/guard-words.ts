// Guards the words of users: a special token that is spelled out in them stays words. A seam, one private-use character, is put
// into each such spelling; the tokenizer reads no special token across the place of a seam.

export interface WordGuard {
  guard(text: string): string;
  /** Special tokens that were spelled out in the texts so far. */
  readonly found: number;
}

/** `specials` are the contents of special tokens. */
export function createWordGuard(specials: readonly string[], seam: string): WordGuard {
  const known = specials.filter((special) => special.length > 1);
  const firsts = new Set(known.map((special) => special[0]!));
  const longest = known.reduce((most, { length }) => Math.max(most, length), 0);
  let found = 0;
  return {
    guard: (text) => {
      if (!hasAny(text, firsts)) return text;
      const cuts = new Set<number>();
      for (const special of known) {
        for (let at = text.indexOf(special); at >= 0; at = text.indexOf(special, at + 1)) cuts.add(at + 1);
      }
      found += cuts.size;
      // The template may go on where these words stop in the middle of a special token.
      const tail = text.slice(-longest);
      const opens = known.some((special) => endsWithin(tail, special));
      if (cuts.size === 0 && !opens) return text;
      const places = [0, ...[...cuts].sort((a, b) => a - b), text.length];
      const pieces = places.slice(1).map((end, i) => text.slice(places[i], end));
      return pieces.join(seam) + (opens ? seam : '');
    },
    get found() {
      return found;
    },
  };
}

function hasAny(text: string, firsts: ReadonlySet<string>): boolean {
  for (const first of firsts) if (text.includes(first)) return true;
  return false;
}

/** Whether the text ends with the beginning of `special`, but not with all of it. */
function endsWithin(text: string, special: string): boolean {
  for (let length = Math.min(special.length - 1, text.length); length > 0; length--)
    if (text.endsWith(special.slice(0, length))) return true;
  return false;
}
