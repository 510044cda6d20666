// Duplicate rows: MinHash against the exact Jaccard similarity, and which rows count as equal or nearly equal.

import { describe, expect, it } from 'vitest';
import { digester } from '#tests/support/datanets.ts';
import { createDuplicateFinder, type DuplicateOptions } from './find-duplicates.ts';
import { minHash, shortOf, similarity } from './min-hash.ts';

/** Words from a seed; two seeds share a run of three only by chance. */
function prose(seed: number, words: number): string[] {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return Array.from({ length: words }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return `w${(state >>> 0) % 5000}`;
  });
}
/** `text` with one word in `every` replaced. */
const changed = (words: readonly string[], every: number): string[] =>
  words.map((word, at) => (at % every === every - 1 ? `other${at}` : word));
const runsOf = (words: readonly string[]): Set<string> =>
  new Set(words.slice(2).map((word, at) => `${words[at]!} ${words[at + 1]!} ${word}`));
const jaccard = (a: Set<string>, b: Set<string>): number =>
  [...a].filter((run) => b.has(run)).length / new Set([...a, ...b]).size;

describe('MinHash', () => {
  it('estimates the Jaccard similarity of runs of three words', () => {
    const errors: number[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      const words = prose(seed, 120);
      for (const every of [6, 15, 40]) {
        const other = changed(words, every);
        const estimate = similarity(shortOf(minHash(words.join(' '))!), shortOf(minHash(other.join(' '))!));
        errors.push(estimate - jaccard(runsOf(words), runsOf(other)));
      }
    }
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(spread).toBeLessThan(0.075);
  });

  it('ignores case and separators, and gives null for a text without words', () => {
    expect(minHash('The press, runs at NIGHT!')).toEqual(minHash('the press runs\n at night'));
    expect(minHash(' ?! ')).toBeNull();
    expect(minHash('one')).not.toBeNull();
  });
});

/** Numbers rows from 0. */
function numberedFinder(options?: DuplicateOptions) {
  const finder = createDuplicateFinder(digester, options);
  let count = 0;
  return { add: (row: object) => finder.add(row as Record<string, unknown>, count++), finder };
}

describe('duplicates', () => {
  const text = (words: readonly string[]) => ({ text: words.join(' ') });

  it('are compared with the first such row, by any contributor', () => {
    const finder = numberedFinder();
    const words = prose(1, 100);
    expect(finder.add({ id: 'a', contributor: 'x', ...text(words) })).toBeNull();
    expect(finder.add(text(prose(2, 100)))).toBeNull();
    expect(finder.add({ id: 'b', contributor: 'y', ...text(words) })).toEqual({ kind: 'exact', of: 0, similarity: 1 });
    const near = finder.add(text(changed(words, 60)));
    expect(near).toMatchObject({ kind: 'near', of: 0 });
    expect(near!.similarity).toBeGreaterThanOrEqual(0.8);
    expect(finder.add(text(changed(words, 4)))).toBeNull();
  });

  it('are found among ten thousand with few misses and few false matches', () => {
    const finder = numberedFinder();
    let wrong = 0;
    for (let seed = 0; seed < 10_000; seed++) if (finder.add(text(prose(seed, 40)))) wrong++;
    let found = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const duplicate = finder.add(text(changed(prose(seed, 40), 39)));
      if (duplicate?.of === seed) found++;
    }
    expect(wrong).toBeLessThan(5);
    // One word of forty is another: of 38 runs of three, 36 stay, a similarity of 0.9.
    expect(found).toBeGreaterThan(950);
  });

  it('near ones are searched up to a limit, exact ones always', () => {
    const finder = numberedFinder({ maxNear: 2 });
    for (const seed of [1, 2]) finder.add(text(prose(seed, 50)));
    expect(finder.finder.looksNear).toBe(false);
    finder.add(text(prose(3, 50)));
    expect(finder.add(text(changed(prose(3, 50), 49)))).toBeNull();
    expect(finder.add(text(prose(3, 50)))).toMatchObject({ kind: 'exact', of: 2 });
    expect(createDuplicateFinder(digester, { threshold: 1 }).looksNear).toBe(false);
  });

  it('are equal in every field: a text with another label is not a duplicate', () => {
    const finder = numberedFinder({ threshold: 1 });
    const words = prose(1, 30).join(' ');
    expect(finder.add({ text: words, label: 1 })).toBeNull();
    expect(finder.add({ text: words, label: 2 })).toBeNull();
    expect(finder.add({ text: words })).toBeNull();
    expect(finder.add({ label: 1, id: 'x', text: words })).toMatchObject({ kind: 'exact', of: 0 });
  });

  it('are found in languages without spaces', () => {
    const chinese =
      '世界经济史是一部基于假象的连续剧要获得财富做法就是认清其假象投入其中然后在假象被公众认识之前退出游戏';
    const thai = 'การเรียนรู้ของเครื่องเป็นสาขาหนึ่งของปัญญาประดิษฐ์ที่พัฒนามาจากการศึกษาการรู้จำแบบ';
    for (const text of [chinese, thai]) {
      const finder = numberedFinder();
      expect(finder.add({ text })).toBeNull();
      expect(finder.add({ text: `${text.slice(0, -2)}${text.slice(-1)}` })).toMatchObject({ kind: 'near', of: 0 });
      expect(finder.add({ text: Array.from(text).reverse().join('') })).toBeNull();
    }
  });

  it('of chats are their words, role by role', () => {
    const finder = numberedFinder();
    const chat = (content: string) => ({
      messages: [
        { role: 'user', content },
        { role: 'assistant', content: 'Yes.' },
      ],
    });
    expect(finder.add(chat('Is it?'))).toBeNull();
    expect(finder.add({ id: 7, ...chat('Is it?') })).toMatchObject({ kind: 'exact' });
    expect(finder.add({ messages: [] })).toBeNull();
    expect(finder.add({ messages: [] })).toMatchObject({ kind: 'exact' });
  });
});
