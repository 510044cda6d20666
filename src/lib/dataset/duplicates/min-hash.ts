// Estimates how similar two texts are from sixty numbers each: MinHash over runs of three words (Broder 1997). The share of equal
// numbers estimates the Jaccard similarity of the runs, with a standard error of at most 0.065. In scripts without spaces between
// words each character counts as one.

import { UNSPACED } from '#lib/core/unspaced-scripts.ts';

/** Bands and rows of the index: texts of similarity 0.8 share a band with probability 0.99, of 0.4 with 0.12. */
export const BANDS = 12;
export const BAND_ROWS = 5;
export const SIGNATURE = BANDS * BAND_ROWS;

export const RUN_WORDS = 3;
/** A longer text is read up to here. */
const MAX_CHARS = 1 << 17;

const [MULTIPLIERS, OFFSETS] = constants();

/** The signature of a text: its words in small letters, separators ignored. @returns null for a text without a word */
export const minHash = (text: string): Uint16Array | null => minHashOfWords(wordsIn(text));

/** The signature of words in this order. @returns null for no word */
export function minHashOfWords(list: readonly string[]): Uint16Array | null {
  const words = list.map(hashOf);
  if (words.length === 0) return null;
  const least = new Uint32Array(SIGNATURE).fill(0xffffffff);
  const runs = Math.max(1, words.length - RUN_WORDS + 1);
  for (let at = 0; at < runs; at++) {
    let run = 0x811c9dc5;
    for (let word = at; word < Math.min(at + RUN_WORDS, words.length); word++) run = mix(run ^ words[word]!);
    for (let i = 0; i < SIGNATURE; i++) {
      const hash = mix(Math.imul(run, MULTIPLIERS[i]!) + OFFSETS[i]!);
      if (hash < least[i]!) least[i] = hash;
    }
  }
  // Two different values share their low half with a chance of 1 in 65,536.
  return Uint16Array.from(least, (hash) => hash & 0xffff);
}

/** The part of a signature that is stored for comparison: one in 256 unequal numbers seems equal. */
export const shortOf = (signature: Uint16Array): Uint8Array => Uint8Array.from(signature, (hash) => hash & 0xff);

/** The share of equal numbers, from 0 to 1. */
export function similarity(a: Uint8Array, b: Uint8Array): number {
  let equal = 0;
  for (let i = 0; i < SIGNATURE; i++) if (a[i] === b[i]) equal++;
  return equal / SIGNATURE;
}

/** The hash of one band of a signature. */
export function bandHash(signature: Uint16Array, band: number): number {
  let hash = band + 1;
  for (let i = band * BAND_ROWS; i < (band + 1) * BAND_ROWS; i++)
    hash = mix(Math.imul(hash, 0x9e3779b1) ^ signature[i]!);
  return hash;
}

/** A character of Chinese, Japanese, Thai, Lao, Khmer, Burmese or Tibetan with its marks; or a word. */
const WORD = new RegExp(String.raw`${UNSPACED}\p{M}*|(?:(?!${UNSPACED})[\p{L}\p{M}\p{N}])+`, 'gu');
/** The same for texts without such characters, which is faster. */
const SPACED_WORD = /[\p{L}\p{M}\p{N}]+/gu;
const HAS_UNSPACED = /[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\ud840-\ud88f]/;

function wordsIn(text: string): readonly string[] {
  const looked = text.slice(0, MAX_CHARS).toLowerCase();
  return looked.match(HAS_UNSPACED.test(looked) ? WORD : SPACED_WORD) ?? [];
}

function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash;
}

/** Spreads each bit over all (MurmurHash3's finaliser), as an unsigned number. */
function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Fixed, so that signatures made on different devices can be compared. */
function constants(): [Uint32Array, Uint32Array] {
  let state = 1;
  const next = (): number => (state = mix(state + 0x9e3779b9));
  const multipliers = Uint32Array.from({ length: SIGNATURE }, () => next() | 1);
  return [multipliers, Uint32Array.from({ length: SIGNATURE }, next)];
}
