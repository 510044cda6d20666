// Which language a text is in, by ELD over its first part. Its tables are a megabyte: they come when they are asked for.

import type { LanguageOf } from './row-statistics.ts';

const LOOKED_CHARS = 600;
/** Below this even a person would guess. */
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
