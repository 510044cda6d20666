// Lengths and languages of rows, counted as rows pass, in constant memory.

import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { rowWords } from '#lib/dataset/duplicates/row-words.ts';

export interface RowStatistics {
  rows: number;
  /** Length of a row's words, in UTF-16 units. */
  chars: { min: number; max: number; mean: number; median: number; p95: number };
  /** Messages per row, over the rows that are chats. */
  messages: { rows: number; min: number; max: number; mean: number };
  /** How many rows were examined, and how many of them by ISO 639-1 code; `und` when too short or unclear to tell. */
  languages: { looked: number; count: Record<string, number> };
}

export interface StatisticsCounter {
  add(row: JsonObject): void;
  statistics(): RowStatistics;
}

/** Names the language of a text, or null. */
export type LanguageOf = (text: string) => string | null;

/** Language detection is slower than all else together, so it examines the first rows and then one in fifty. */
const [LOOKED_FIRST, LOOKED_EVERY] = [5000, 50];

/** Buckets of equal ratio: quantiles are exact within 4.5 %. */
const PER_OCTAVE = 16;

export function createStatisticsCounter(languageOf: LanguageOf): StatisticsCounter {
  const buckets = new Map<number, number>();
  const languages = new Map<string, number>();
  const chars = { min: Infinity, max: 0, total: 0 };
  const messages = { rows: 0, min: Infinity, max: 0, total: 0 };
  let rows = 0;
  let looked = 0;
  const quantile = (share: number): number => {
    let left = Math.ceil(share * rows);
    for (const [bucket, count] of [...buckets].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0)
        return Math.min(chars.max, Math.max(chars.min, Math.round(2 ** ((bucket + 0.5) / PER_OCTAVE)) - 1));
    }
    return 0;
  };
  return {
    add(row) {
      const words = rowWords(row);
      const { length } = words;
      rows++;
      chars.min = Math.min(chars.min, length);
      chars.max = Math.max(chars.max, length);
      chars.total += length;
      const bucket = Math.floor(PER_OCTAVE * Math.log2(length + 1));
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
      if (rows <= LOOKED_FIRST || rows % LOOKED_EVERY === 0) {
        const language = languageOf(words) ?? 'und';
        languages.set(language, (languages.get(language) ?? 0) + 1);
        looked++;
      }
      const list = row['messages'];
      if (!Array.isArray(list)) return;
      messages.rows++;
      messages.min = Math.min(messages.min, list.length);
      messages.max = Math.max(messages.max, list.length);
      messages.total += list.length;
    },
    statistics: () => ({
      rows,
      chars: {
        min: rows === 0 ? 0 : chars.min,
        max: chars.max,
        mean: rows === 0 ? 0 : Math.round(chars.total / rows),
        median: quantile(0.5),
        p95: quantile(0.95),
      },
      messages: {
        rows: messages.rows,
        min: messages.rows === 0 ? 0 : messages.min,
        max: messages.max,
        mean: messages.rows === 0 ? 0 : messages.total / messages.rows,
      },
      languages: {
        looked,
        count: Object.fromEntries([...languages].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))),
      },
    }),
  };
}
