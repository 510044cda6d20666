// Parts of tokenizer.json for a SentencePiece BPE vocabulary. It has scores in place of merges; these are derived from the scores of its
// pieces as transformers derives them.

import { FormatError } from '#lib/formats/errors.ts';

/** What SentencePiece, and GGUF after it, say of a piece. */
export const UNKNOWN = 2;
export const CONTROL = 3;
export const USER_DEFINED = 4;
export const BYTE = 6;
const SPACE = '▁';
/** Some 30 million are usual. */
const MAX_WORK = 1e9;

export interface Pieces {
  /** For errors. */
  file: string;
  tokens: readonly string[];
  types: readonly number[];
  scores: readonly number[];
  ids: ReadonlyMap<string, number>;
  unknown: string | null;
  /** A text begins with a space. */
  hasPrefix: boolean;
}

export function sentencePieceBpe(pieces: Pieces): { around: object; model: object } {
  const { types, unknown, hasPrefix } = pieces;
  const spaces = { type: 'Replace', pattern: { String: ' ' }, content: SPACE };
  const back = { type: 'Replace', pattern: { String: SPACE }, content: ' ' };
  return {
    around: {
      normalizer: hasPrefix ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: SPACE }, spaces] } : spaces,
      pre_tokenizer: null,
      decoder: {
        type: 'Sequence',
        decoders: [
          back,
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          ...(hasPrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
        ],
      },
    },
    model: { unk_token: unknown, fuse_unk: true, byte_fallback: types.includes(BYTE), merges: mergesOf(pieces) },
  };
}

/** Every way to make a piece of two others, the piece of the highest score first. */
function mergesOf({ file, tokens, types, scores, ids }: Pieces): [string, string][] {
  const isPiece = (id: number | undefined): id is number =>
    id !== undefined && types[id] !== CONTROL && types[id] !== UNKNOWN && types[id] !== USER_DEFINED;
  // Each cut of a piece copies it, so the work grows with the squares of their lengths.
  const work = tokens.reduce((sum, { length }) => sum + length ** 2, 0);
  if (work > MAX_WORK) throw new FormatError(file, 'the vocabulary has too many long tokens to derive merges from');
  const merges: { pair: [string, string]; score: number; left: number; right: number }[] = [];
  tokens.forEach((token, id) => {
    if (!isPiece(id)) return;
    const ways: { left: number; right: number; letters: number }[] = [];
    let letters = 1;
    for (let at = 1; at < token.length; at++) {
      if (isLowSurrogate(token.charCodeAt(at))) continue;
      const [left, right] = [ids.get(token.slice(0, at)), ids.get(token.slice(at))];
      if (isPiece(left) && isPiece(right)) ways.push({ left, right, letters });
      letters++;
    }
    ways.sort((a, b) => a.left - b.left || a.right - b.right);
    for (const way of ways) {
      const pair: [string, string] = [tokens[way.left]!, tokens[way.right]!];
      merges.push({ pair, score: scores[id]!, left: way.letters, right: letters - way.letters });
    }
  });
  merges.sort((a, b) => b.score - a.score || b.left - a.left || b.right - a.right);
  return merges.map(({ pair }) => pair);
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
