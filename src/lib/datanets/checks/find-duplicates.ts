// Finds rows that another said before: the same in everything but whose they are, or nearly in the same words. A row is always held
// against the first that said it, which is known by the number its caller gave it.

import { attachmentsOf } from '#lib/formats/datanet/attachments.ts';
import { canonicalText } from '#lib/formats/json/canonical-json.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { createBandIndex } from './band-index.ts';
import { createDigestSet } from './digest-set.ts';
import { rowWords } from './row-words.ts';

export interface Duplicate {
  kind: 'exact' | 'near';
  /** Number of the row that said it first. */
  of: number;
  /** 1 for exact ones; else an estimate, of words alone: other fields may differ. */
  similarity: number;
}

export interface DuplicateFinder {
  /**
   * Takes the next row in, under a number of 32 bits that is larger than those before. What is a duplicate is not remembered:
   * later ones are held against the first.
   */
  add(row: JsonObject, number: number): Duplicate | null;
  /** Whether near duplicates are still looked for: there is room for so many rows only. */
  readonly looksNear: boolean;
}

export interface DuplicateOptions {
  /** The least similarity that counts as near; 1 looks for exact ones only. Default 0.8. */
  threshold?: number;
  /** Rows that are remembered for near ones, 112 bytes each. Default 262,144. */
  maxNear?: number;
}

export const DEFAULT_THRESHOLD = 0.8;
const MAX_NEAR = 1 << 18;

export function createDuplicateFinder(
  digester: Digester,
  { threshold = DEFAULT_THRESHOLD, maxNear = MAX_NEAR }: DuplicateOptions = {},
): DuplicateFinder {
  const exact = createDigestSet();
  const encoder = new TextEncoder();
  const near = createBandIndex();
  return {
    add(row, number) {
      const words = rowWords(row);
      const first = exact.firstWith(digester.sha256(encoder.encode(sameAs(row))), number);
      if (first !== null) return { kind: 'exact', of: first, similarity: 1 };
      if (words === '' || threshold >= 1 || near.count >= maxNear) return null;
      const found = near.add(words, number, threshold);
      return found && { kind: 'near', ...found };
    },
    get looksNear() {
      return threshold < 1 && near.count < maxNear;
    },
  };
}

/** Equal for rows that differ in their id, their contributor or the names of their files only: a label counts, who says it does not. */
function sameAs(row: JsonObject): string {
  const { id: _, contributor: __, attachments, ...rest } = row;
  // A picture under two names is one picture.
  const files = attachmentsOf(row).map(({ cid }) => cid);
  const said = files.length > 0 || attachments === undefined ? rest : { ...rest, attachments };
  return `${canonicalText(said, 'row')}\0${files.join('\0')}`;
}
