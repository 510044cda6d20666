// Single rows of a version by their number, with their texts cut into words. It keeps the last shards that it read.

import type { OpenVersion, VersionRow } from '#lib/dataset/version-reader.ts';
import { evidenceWords, type EvidenceWord } from './evidence-words.ts';
import { rowParts } from './row-parts.ts';

export interface NumberedRow extends VersionRow {
  /** Its texts in order; in a segment each is followed by one more token. */
  parts: readonly { path: string; text: string; words: readonly EvidenceWord[] }[];
}

export interface VersionRows {
  /** `number`: below the number of rows of the version. */
  row(number: number): Promise<NumberedRow>;
}

const KEPT_SHARDS = 8;

export function createVersionRows({ shards, rows }: OpenVersion, signal?: AbortSignal): VersionRows {
  const ends: number[] = [];
  for (const shard of shards) ends.push((ends.at(-1) ?? 0) + shard.rows);
  const kept = new Map<number, VersionRow[]>();
  const cut = new Map<number, NumberedRow>();

  async function shardRows(at: number): Promise<VersionRow[]> {
    const found = kept.get(at) ?? (await rows(shards[at]!, signal));
    kept.delete(at);
    kept.set(at, found);
    if (kept.size > KEPT_SHARDS) kept.delete(kept.keys().next().value!);
    return found;
  }
  return {
    async row(number) {
      const known = cut.get(number);
      if (known) return known;
      const at = ends.findIndex((end) => number < end);
      const row = (await shardRows(at))[number - (ends[at]! - shards[at]!.rows)]!;
      const parts = [...rowParts(row.value)].map((part) => ({ ...part, words: [...evidenceWords(part.text)] }));
      const numbered = { ...row, parts };
      cut.set(number, numbered);
      return numbered;
    },
  };
}
