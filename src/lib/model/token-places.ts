// Which tokens lie before a place of the text that they encode. Counts the bytes of tokens against the normalized text; where the
// two differ there is no answer, rather than a guess.

import type { TokenBytes } from './token-bytes.ts';

/** A stretch of the text that was tokenised on its own. */
export interface EncodedSection {
  /** As in the text. */
  raw: string;
  /** Its offset in the text. */
  start: number;
  normalized: string;
  /** Runs of `normalized` in their order, with their tokens. `isToken`: the run is one added token. */
  parts: { text: string; ids: number[]; isToken: boolean }[];
}

export interface TokenPlace {
  /** The first token that ends behind the place. */
  token: number;
  /** That token begins before the place. */
  inside: boolean;
}

interface Text {
  bytes: TokenBytes;
  normalize(text: string): string;
}

/** `places` are ascending. Null when the tokens of a section do not spell its text. */
export function locate(
  sections: readonly EncodedSection[],
  places: readonly number[],
  text: Text,
): TokenPlace[] | null {
  const found: TokenPlace[] = [];
  let before = 0;
  for (const section of sections) {
    const end = section.start + section.raw.length;
    const here: number[] = [];
    while (found.length + here.length < places.length && places[found.length + here.length]! < end)
      here.push(places[found.length + here.length]! - section.start);
    const located = here.length === 0 ? [] : inSection(section, here, text);
    if (!located) return null;
    for (const place of located) found.push({ ...place, token: place.token + before });
    before += section.parts.reduce((count, { ids }) => count + ids.length, 0);
  }
  while (found.length < places.length) found.push({ token: before, inside: false });
  return found;
}

function inSection(
  section: EncodedSection,
  places: readonly number[],
  { bytes, normalize }: Text,
): TokenPlace[] | null {
  const { raw, normalized, parts } = section;
  const ends: number[] = [];
  let [spelledBytes, chars] = [0, 0];
  /** Byte offset of each part, to find the byte of a character. */
  const starts: { chars: number; bytes: number }[] = [];
  for (const { text, ids, isToken } of parts) {
    starts.push({ chars, bytes: spelledBytes });
    const spelled = isToken ? text : bytes.spell(text);
    if (spelled.length !== text.length) return null;
    const size = byteLength(spelled);
    const sizes = ids.map((id) => bytes.of(id).length);
    const total = sizes.reduce((sum, one) => sum + one, 0);
    // A tokenizer may put a space before the text, which is no character of it.
    const extra = total === size + 1 && bytes.of(ids[0]!)[0] === 0x20 ? 1 : 0;
    if (isToken) ends.push(spelledBytes + size);
    else if (total - extra !== size) return null;
    else {
      let at = spelledBytes - extra;
      for (const one of sizes) ends.push((at += one));
    }
    spelledBytes += size;
    chars += text.length;
  }
  return places.map((place) => {
    // A space that was put before the text belongs to what follows.
    if (place <= 0) return { token: 0, inside: false };
    const at = placeInNormalized(raw, place, normalized, normalize);
    const index = starts.findLastIndex((start) => start.chars <= at);
    const [part, start] = [parts[index]!, starts[index]!];
    const inPart = part.text.slice(0, at - start.chars);
    const byte = start.bytes + byteLength(part.isToken ? inPart : bytes.spell(inPart));
    const token = firstAbove(ends, byte);
    return { token, inside: token < ends.length && (ends[token - 1] ?? 0) < byte };
  });
}

/** Where a place of `raw` lies in its normalized form. */
export function placeInNormalized(
  raw: string,
  place: number,
  normalized: string,
  normalize: (text: string) => string,
): number {
  if (place <= 0) return 0;
  if (raw === normalized) return place;
  const head = normalize(raw.slice(0, place));
  // Characters on both sides of the place may have been joined, so the two texts may differ at its end.
  let at = 0;
  while (at < head.length && at < normalized.length && head[at] === normalized[at]) at++;
  return at;
}

/** Index of the first value above `limit` in ascending `values`. */
function firstAbove(values: readonly number[], limit: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

function byteLength(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // Each half of a pair of surrogates counts for two of its four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : (unit & 0xf800) === 0xd800 ? 2 : 3;
  }
  return bytes;
}
