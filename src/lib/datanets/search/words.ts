// The words of a text as search terms: small letters without accents. In scripts that put no space between words, each character
// is a word.

import { UNSPACED } from '#lib/core/unspaced-scripts.ts';

const WORD = new RegExp(String.raw`${UNSPACED}|(?:(?!${UNSPACED})[\p{L}\p{N}\p{M}])+`, 'gu');
const ASCII_WORD = /[a-z0-9]+/g;
const ACCENTS = /[\u0300-\u036f]+/g;
const IS_ASCII = /^\p{ASCII}*$/u;
const MAX_WORD_CHARS = 64;

/** In order of occurrence, with repetitions. */
export function wordsOf(text: string): string[] {
  const words = IS_ASCII.test(text)
    ? text.toLowerCase().match(ASCII_WORD)
    : text.normalize('NFKD').replace(ACCENTS, '').toLowerCase().match(WORD);
  return (words ?? []).map((word) => (word.length > MAX_WORD_CHARS ? word.slice(0, MAX_WORD_CHARS) : word));
}
