import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPagePool, createWordArena } from './paging.ts';

describe('page pool', () => {
  it('gives distinct pages, all or none, and takes them back', () => {
    const pool = createPagePool(5);
    const pages = pool.take(3)!;
    expect(new Set(pages).size).toBe(3);
    expect(pool.take(3)).toBeNull();
    expect(pool.free).toBe(2);
    pool.give(pages);
    expect(pool.free).toBe(5);
    expect(pool.take(0)).toEqual([]);
  });
});

describe('word arena', () => {
  it('never overlaps ranges, and reuses the gaps', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 9 })), { maxLength: 50 }), (steps) => {
        const arena = createWordArena(32);
        const taken: { at: number; words: number }[] = [];
        for (const [give, words] of steps) {
          if (give) {
            const range = taken.shift();
            if (range) arena.give(range.at);
            continue;
          }
          const at = arena.take(words);
          const used = new Set(taken.flatMap((r) => Array.from({ length: r.words }, (_, i) => r.at + i)));
          const fits = Array.from({ length: 32 - words + 1 }, (_, i) => i).some((i) =>
            Array.from({ length: words }, (_, j) => i + j).every((word) => !used.has(word)),
          );
          expect(at !== null).toBe(fits);
          if (at === null) continue;
          for (let i = 0; i < words; i++) expect(used.has(at + i)).toBe(false);
          expect(at + words).toBeLessThanOrEqual(32);
          taken.push({ at, words });
        }
      }),
    );
  });
});
