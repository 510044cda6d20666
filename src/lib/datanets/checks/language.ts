// Detects the language of a text from its first part, with ELD. Its tables are one megabyte, so they are loaded on first use.

import type { LanguageOf } from './row-statistics.ts';

const LOOKED_CHARS = 600;
/** Shorter texts are too short to tell. */
const LEAST_LETTERS = 16;

export async function createLanguageDetector(): Promise<LanguageOf> {
  const { eld } = await import('eld/extrasmall');
  return (text) => {
    const part = text.slice(0, LOOKED_CHARS);
    if ((part.match(/\p{L}/gu)?.length ?? 0) < LEAST_LETTERS) return null;
    const result = eld.detect(part);
    return result.isReliable() ? result.language : null;
  };
}
