// Finds duplicate rows: equal in everything except id, contributor and file names, or similar in wording. A row is always
// compared with the first such row, identified by the number that its caller gave.

import { attachmentsOf } from '#lib/formats/datanet/attachments.ts';
import { canonicalText } from '#lib/formats/json/canonical-json.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { createBandIndex } from './band-index.ts';
import { createDigestSet } from './digest-set.ts';
import { rowWords } from './row-words.ts';

export interface Duplicate {
  kind: 'exact' | 'near';
  /** Number of the first such row. */
  of: number;
  /** 1 for exact duplicates; otherwise an estimate from the words alone, as other fields may differ. */
  similarity: number;
}

export interface DuplicateFinder {
  /**
   * Adds the next row under `number`, which has 32 bits and is larger than all before. Duplicates are not stored: later rows are
   * compared with the first.
   */
  add(row: JsonObject, number: number): Duplicate | null;
  /** Whether near duplicates are still searched for; false once `maxNear` rows are stored. */
  readonly looksNear: boolean;
}

export interface DuplicateOptions {
  /** Least similarity of a near duplicate; 1 finds exact duplicates only. Default 0.8. */
  threshold?: number;
  /** Rows stored for the near search, 112 bytes each. Default 262,144. */
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

/** Equal for rows that differ only in id, contributor or file names. Labels count; the contributor does not. */
export function sameAs(row: JsonObject): string {
  const { id: _, contributor: __, attachments, ...rest } = row;
  // The same picture under two names is one picture.
  const files = attachmentsOf(row).map(({ cid }) => cid);
  const said = files.length > 0 || attachments === undefined ? rest : { ...rest, attachments };
  return `${canonicalText(said, 'row')}\0${files.join('\0')}`;
}
