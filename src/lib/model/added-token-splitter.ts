// Finds added tokens in a text: the leftmost match first, then the longest, with the white space that it strips. Matches exactly
// as the Rust library does. A seam is a place that no special token may cross: it lies in the words of a user.

import type { AddedToken } from './added-tokens.ts';

/** A section of text; `token` if it is one. `start` is its offset. */
export interface Section {
  text: string;
  start: number;
  token: AddedToken | null;
}

interface Node {
  next: Map<string, Node>;
  token: AddedToken | null;
}

const WORD = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';
const ENDS_WITH_WORD = new RegExp(`${WORD}$`, 'u');
const STARTS_WITH_WORD = new RegExp(`^${WORD}`, 'u');
const SPACE = /^\p{White_Space}$/u;

/** `spelling` is a token's form in the text to be searched. */
export function createAddedTokenSplitter(
  tokens: readonly AddedToken[],
  spelling: (content: string) => string,
): (text: string, seams?: readonly number[]) => Section[] {
  const root: Node = { next: new Map(), token: null };
  for (const token of tokens) {
    let node = root;
    const content = spelling(token.content);
    for (const unit of content.split('')) {
      let next = node.next.get(unit);
      if (!next) node.next.set(unit, (next = { next: new Map(), token: null }));
      node = next;
    }
    if (node !== root) node.token ??= token;
  }

  const longestAt = (text: string, start: number, seam: number): { token: AddedToken; end: number } | null => {
    let found: { token: AddedToken; end: number } | null = null;
    let node = root.next.get(text[start]!);
    for (let at = start + 1; node; node = at < text.length ? node.next.get(text[at++]!) : undefined) {
      if (node.token && !(node.token.special && at > seam)) found = { token: node.token, end: at };
    }
    return found;
  };

  return (text, seams = []) => {
    const sections: Section[] = [];
    /** Of the first seam behind `at`. */
    let next = 0;
    /** Start of the text not emitted yet. */
    let open = 0;
    for (let at = 0; at < text.length;) {
      while (next < seams.length && seams[next]! <= at) next++;
      const match = longestAt(text, at, seams[next] ?? Infinity);
      if (!match) {
        at++;
        continue;
      }
      const { token } = match;
      let [start, end] = [at, match.end];
      at = end;
      if (token.singleWord && !standsAlone(text, start, end)) continue;
      if (token.lstrip) while (start > open && SPACE.test(text[start - 1]!)) start--;
      if (token.rstrip) while (end < text.length && SPACE.test(text[end]!)) end++;
      if (open < start) sections.push({ text: text.slice(open, start), start: open, token: null });
      sections.push({ text: text.slice(start, end), start, token });
      open = end;
    }
    if (open < text.length) sections.push({ text: text.slice(open), start: open, token: null });
    return sections;
  };
}

/** No letter, digit or underscore is adjacent; characters may be two UTF-16 units wide. */
const standsAlone = (text: string, start: number, end: number): boolean =>
  !ENDS_WITH_WORD.test(text.slice(Math.max(0, start - 2), start)) && !STARTS_WITH_WORD.test(text.slice(end, end + 2));
