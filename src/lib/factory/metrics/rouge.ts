// Rouge-1, Rouge-2 and Rouge-L as F1, by the definition of google-research's rouge_score without stemming: words are runs of a-z and 0-9
// of the lower-cased text, all other characters part them. So text in other scripts has no words, and no Rouge.

import { longestCommonSubsequence } from './longest-common-subsequence.ts';

export interface Rouge {
  /** F1 of words in common. */
  rouge1: number;
  /** F1 of pairs of neighbouring words in common; 0 where a text has one word. */
  rouge2: number;
  /** F1 of the longest common subsequence of words. */
  rougeL: number;
}

/** Letters of a text that are read, and words. Longer texts are compared by their beginnings. */
const MAX_LETTERS = 1 << 20;
const MAX_WORDS = 1 << 14;

/** Null where the expected text has no word to compare with. */
export function rougeOf(answer: string, expected: string): Rouge | null {
  const ids = new Map<string, number>();
  const [said, wanted] = [wordsOf(answer, ids), wordsOf(expected, ids)];
  if (wanted.length === 0) return null;
  const common = longestCommonSubsequence(said, wanted);
  return {
    rouge1: overlapF1(said, wanted),
    rouge2: overlapF1(pairsOf(said), pairsOf(wanted)),
    rougeL: f1(common, said.length, wanted.length),
  };
}

const WORD = /[a-z0-9]+/g;

/** Equal words have equal numbers. */
function wordsOf(text: string, ids: Map<string, number>): number[] {
  const words: number[] = [];
  for (const [word] of text.slice(0, MAX_LETTERS).toLowerCase().matchAll(WORD)) {
    if (words.length === MAX_WORDS) break;
    const id = ids.get(word) ?? ids.size;
    ids.set(word, id);
    words.push(id);
  }
  return words;
}

/** Both texts together have at most twice `MAX_WORDS` different words. */
const pairsOf = (words: readonly number[]): number[] =>
  words.slice(1).map((word, i) => words[i]! * 2 * MAX_WORDS + word);

function overlapF1(said: readonly number[], wanted: readonly number[]): number {
  const left = new Map<number, number>();
  for (const gram of wanted) left.set(gram, (left.get(gram) ?? 0) + 1);
  let common = 0;
  for (const gram of said) {
    const count = left.get(gram) ?? 0;
    if (count > 0) common++;
    left.set(gram, count - 1);
  }
  return f1(common, said.length, wanted.length);
}

/** Harmonic mean of `common / said` and `common / wanted`. */
const f1 = (common: number, said: number, wanted: number): number =>
  common === 0 ? 0 : (2 * common) / (said + wanted);
