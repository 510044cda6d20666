// Rows are put together by what they say alone: the same on every machine, whatever names they carry, and nothing that comes later changes it.

import { keccak256 } from '#lib/core/keccak.ts';
import { toHex } from '#lib/core/bytes.ts';
import { createRng } from '#lib/core/rng.ts';
import { describe, expect, it } from 'vitest';
import { calibrateThreshold } from './calibrate-threshold.ts';
import { canonicalWords, wordTable } from './canonical-words.ts';
import { ALL_NEW, createRowClusters } from './cluster-rows.ts';
import { placeRows } from './place-rows.ts';
import { scaleCopy } from './scale-copies.ts';
import { noveltyOf, overlapOf, wordRuns } from './word-runs.ts';

const digester = { keccak256: (bytes: Uint8Array) => keccak256(bytes) };
const cluster = (rows: readonly object[]) => {
  const clusters = createRowClusters(digester);
  return rows.map((row) => clusters.add({ ...row }));
};
const firsts = (texts: readonly string[]) => cluster(texts.map((text) => ({ text }))).map(({ first }) => first);
const LONG = 'The grey heron stands still in shallow water for a long time and then strikes at a fish with its bill';

describe('rows that say the same', () => {
  it.each([
    ['id, contributor and field order', { contributor: 'b', id: '2', text: LONG, n: 1 }],
    ['case and punctuation', { text: `"${LONG.toUpperCase()}!"`, n: 1 }],
    [
      'spaces and invisible characters',
      { text: LONG.replaceAll(' ', ' \u200b\u00a0\n').replaceAll('s', 's\u00ad'), n: 1 },
    ],
    ['full width', { text: LONG.replaceAll('e', 'ｅ'), n: 1 }],
    ['accents, in either form', { text: LONG.replaceAll('e', 'é').replaceAll('a', 'a\u0301'), n: 1 }],
    ['other fields', { text: LONG, n: 2, note: 'x9' }],
  ])('but for %s share a cluster, and the later one adds nothing', (_what, row) => {
    expect(cluster([{ id: '1', contributor: 'a', text: LONG, n: 1 }, row])[1]).toEqual({ first: 0, novelty: 0 });
  });

  it('nearly share a cluster, and the later one adds what differs', () => {
    const [, near] = cluster([{ text: LONG }, { text: LONG.replace('bill', 'beak') }]);
    expect(near).toEqual({ first: 0, novelty: Math.floor((2 * ALL_NEW) / 20) });
  });

  it('are found in scripts without spaces', () => {
    const text = '灰鹭在浅水中长时间站立不动然后用喙捕鱼它是一种常见的大型水鸟分布在欧洲和亚洲';
    expect(firsts([text, `${text}。`, text.replace('欧洲', '非洲')])).toEqual([0, 0, 0]);
  });

  it('in chats are found by the words of their messages', () => {
    const chat = (content: string) => ({
      messages: [
        { role: 'user', content: 'Say more' },
        { role: 'assistant', content },
      ],
    });
    expect(cluster([chat(LONG), chat(LONG.toLowerCase())])[1]).toEqual({ first: 0, novelty: 0 });
  });
});

describe('rows that say something else', () => {
  it('lead clusters of their own', () => {
    expect(firsts([LONG, LONG.split(' ').reverse().join(' '), 'The heron stands.', '', '😀', '😀'])).toEqual([
      0, 1, 2, 3, 4, 4,
    ]);
    expect(firsts(['red', 'green', 'Red'])).toEqual([0, 1, 0]);
  });

  it('are never put together by a row that resembles both', () => {
    const words = Array.from({ length: 60 }, (_, at) => `word${at}`);
    const text = (from: number, to: number) => words.slice(from, to).join(' ');
    // Each shares enough with its neighbour, and the outer two do not with each other.
    expect(firsts([text(0, 50), text(10, 60), text(5, 55)])).toEqual([0, 1, 0]);
  });

  it('cannot hide a copy of an earlier row behind a crowd of later ones', () => {
    const rng = createRng(3);
    const words = LONG.split(' ');
    const decoy = () =>
      words.map((word, at) => (at % 5 === rng.below(5) ? `${word}${rng.below(1e6)}` : word)).join(' ');
    const found = firsts([LONG, ...Array.from({ length: 400 }, decoy), `${LONG} `]);
    expect(found.at(-1)).toBe(0);
    // One word of twenty differs.
    expect(firsts([LONG, ...Array.from({ length: 400 }, decoy), LONG.replace('bill', 'beak')]).at(-1)).toBe(0);
  });
});

describe('the result', () => {
  it('does not depend on names, and not on rows that come later', () => {
    const rng = createRng(9);
    const rows = Array.from({ length: 300 }, (_, at) => ({
      text: `${LONG} ${rng.below(40)} ${'and so on '.repeat(rng.below(6))}`,
      id: `r${at}`,
    }));
    const plain = cluster(rows);
    expect(cluster(rows.map((row, at) => ({ ...row, id: `${at % 7}-${at}`, contributor: `c${at % 20}` })))).toEqual(
      plain,
    );
    expect(cluster(rows.slice(0, 100))).toEqual(plain.slice(0, 100));
    // As it was computed once, with Node: Chromium gives the same (tests in the browser compare a receipt).
    expect(toHex(keccak256(new TextEncoder().encode(JSON.stringify(plain))))).toMatchInlineSnapshot(
      `"0x13da32fbac64da4ab7e615c1d1dc917e5b77faf2d5d61f5c51234d72cdc6e3ee"`,
    );
  });

  it('rests on a table that is the same everywhere', () => {
    const { kinds, folded } = wordTable();
    const bytes = Uint8Array.from(folded, (unit, at) => (unit * 31 + (unit >> 8) * 7 + kinds[at]!) & 0xff);
    expect(toHex(keccak256(bytes))).toMatchInlineSnapshot(
      `"0x1eae047f12df9d436831fc7e3238d6c5275c06d37acaa32233d4f0d2dda9b2b3"`,
    );
    expect(canonicalWords('Ｅｉｎ  Übermut—ΣΊΓΜΑ Ещё, 3.5% ไทย')).toEqual([
      'ein',
      'ubermut',
      'σιγμα',
      'еще',
      '3',
      '5',
      'ไ',
      'ท',
      'ย',
    ]);
  });

  it('takes long and odd texts in bounded time', () => {
    const began = performance.now();
    const long = 'a '.repeat(1 << 20);
    expect(firsts([long, `${long}b`, '\u0000', ','.repeat(1 << 20)])).toEqual([0, 0, 2, 3]);
    // About 0.1 s on an idle machine; the bound is for a busy one.
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

describe('a copy', () => {
  const vector = (sign: number) => Int8Array.from({ length: 256 }, (_, at) => sign * ((at % 100) + 1));
  const rows = [vector(1), vector(1), vector(-1)].map((one) => ({ vector: one, ownScale: 2_000 }));

  it('weighs what it adds, unless it contradicts the first', () => {
    expect(scaleCopy(rows, 0, { first: 0, novelty: ALL_NEW }, 2_000)).toBe(2_000);
    expect(scaleCopy(rows, 1, { first: 0, novelty: 6_553 }, 2_000)).toBe(199);
    expect(scaleCopy(rows, 1, { first: 0, novelty: 0 }, 2_000)).toBe(0);
    expect(scaleCopy(rows, 2, { first: 0, novelty: 0 }, 2_000)).toBe(2_000);
  });

  it('is placed with its cluster and its scale', () => {
    const texts = [LONG, `${LONG}.`, LONG.replace('bill', 'beak')];
    const same = rows.map((row) => ({ ...row, vector: vector(1) }));
    expect([...placeRows(same, (at) => ({ text: texts[at]! }), digester)]).toEqual([
      { cluster: 0, scale: 2_000 },
      { cluster: 0, scale: 0 },
      { cluster: 0, scale: 199 },
    ]);
  });

  it('adds a part that is counted in whole numbers', () => {
    const runs = (text: string) => wordRuns(canonicalWords(text));
    expect(overlapOf(runs('a b c d'), runs('b c d e'))).toEqual({ shared: 1, all: 3 });
    expect(noveltyOf({ shared: 1, all: 3 })).toBe(43_690);
  });
});

describe('the threshold of a version', () => {
  it('is what three quarters of the questions have as two deviations', () => {
    const question = (spread: number) => [-2 * spread, -spread, 0, spread, 2 * spread];
    // The median distance is the spread.
    expect(calibrateThreshold([1_000, 2_000, 3_000, 4_000].map(question))).toBe(8_898);
    expect(calibrateThreshold([question(1_000)])).toBe(2_966);
    expect(calibrateThreshold([[5]])).toBe(0);
  });

  it('does not depend on the order of questions or rows', () => {
    const rng = createRng(4);
    const questions = Array.from({ length: 21 }, () => Array.from({ length: 40 }, () => rng.below(2 ** 31) - 2 ** 30));
    const turned = [...questions].reverse().map((scores) => [...scores].reverse());
    expect(calibrateThreshold(turned)).toBe(calibrateThreshold(questions));
  });

  it('needs whole numbers', () => {
    for (const bad of [[], [[]], [[0.5]], [[2 ** 40]], [[NaN]]]) expect(() => calibrateThreshold(bad)).toThrow('A ');
  });
});
