// The unit of evidence: a text cut into words and signs, each with its place in the text. Two units match when they are equal
// without regard to letter case and form of Unicode; the text itself says whether they are equal character by character.

import { UNSPACED } from '#lib/core/unspaced-scripts.ts';

/** Names this way to cut a text; an index made with another one is not read. */
export const UNIT = 'words@1';

export interface EvidenceWord {
  /** What is compared. */
  folded: string;
  /** Place in the text, in UTF-16 code units; `to` is exclusive. */
  from: number;
  to: number;
  /** False for a punctuation mark or another sign. */
  isWord: boolean;
}

/** Longer runs of letters are several words. */
const MAX_WORD_CHARS = 64;
const LETTER = String.raw`[\p{L}\p{N}\p{M}]`;
/** A character of an unspaced script with its marks; a run of letters and digits; any other sign. */
const PIECE = new RegExp(
  String.raw`${UNSPACED}\p{M}{0,8}|(?:(?!${UNSPACED})${LETTER}){1,${MAX_WORD_CHARS}}|[^\s\p{L}\p{N}\p{M}]`,
  'gu',
);
const IS_ASCII = /^\p{ASCII}*$/u;
const IS_WORD = /^[\p{L}\p{N}\p{M}]/u;

/** In order of occurrence. */
export function* evidenceWords(text: string): Generator<EvidenceWord, void, undefined> {
  for (const { 0: piece, index } of text.matchAll(PIECE)) {
    yield { folded: fold(piece), from: index, to: index + piece.length, isWord: IS_WORD.test(piece) };
  }
}

/** The pieces of a text as they are, for a builder that folds each different one once. */
export const piecesOf = (text: string): readonly string[] => text.match(PIECE) ?? [];

/** What two equal units have in common. */
export const fold = (piece: string): string =>
  IS_ASCII.test(piece) ? piece.toLowerCase() : piece.normalize('NFKC').toLowerCase().toWellFormed();
