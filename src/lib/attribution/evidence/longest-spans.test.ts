import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evidenceWords } from './evidence-words.ts';
import { createSpanSearch } from './longest-spans.ts';
import { rankRows } from './rank-rows.ts';
import { createSegmentBuilder, PART_END, type Segment } from './segment.ts';
import { createSegmentSearch, type SegmentSearch } from './segment-search.ts';

const search = (texts: readonly string[]): SegmentSearch => {
  const builder = createSegmentBuilder();
  for (const text of texts) builder.add({ text });
  return createSegmentSearch(builder.seal());
};
const wordsIn = ({ words, tokens }: Segment): string[] =>
  Array.from(tokens, (number) => (number === PART_END ? '|' : words[number - 1]!));

/** The length of the longest match from `at` on, and its places, by trying all. */
function byTrying(wanted: readonly string[], at: number, segments: readonly SegmentSearch[]) {
  let [length, places] = [0, 0];
  for (const { segment } of segments) {
    const text = wordsIn(segment);
    for (let from = 0; from < text.length; from++) {
      let same = 0;
      while (at + same < wanted.length && text[from + same] === wanted[at + same]) same++;
      if (same > length) [length, places] = [same, 0];
      if (same === length && same > 0) places++;
    }
  }
  return { length, places };
}

it('finds the longest match from every word on, and all its places, as trying every place does', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '.'), { maxLength: 14 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(fc.array(text, { maxLength: 4 }), { maxLength: 3 }), text, (parts, answer) => {
      const segments = parts.map(search);
      const words = [...evidenceWords(`${answer} d a`)];
      const wanted = words.map(({ folded }) => folded);
      let before = 0;
      const maximal: { at: number; length: number; places: number }[] = [];
      wanted.forEach((_, at) => {
        const { length, places } = byTrying(wanted, at, segments);
        const found = Math.max(0, ...segments.map((one) => one.longest(one.query(wanted), at)));
        expect(found).toBe(length);
        if (at + length > before) maximal.push({ at, length, places });
        before = Math.max(before, at + length);
      });
      const spans = createSpanSearch(words, segments);
      for (const span of spans.spans()) {
        const same = maximal.find(({ at }) => at === span.at)!;
        expect([span.length, span.occurrences]).toEqual([same.length, same.places]);
        expect(spans.places(span, 1000)).toHaveLength(same.places);
        expect(spans.places(span, 1)).toHaveLength(1);
      }
    }),
  );
});

it('keeps the rarest spans of four words and more, in the order of the text', () => {
  const common = Array.from({ length: 50 }, () => 'it is due on the day');
  const segments = [search([...common, 'by bench twenty with a sticker'])];
  const words = [...evidenceWords('It is due on the day: by bench twenty, no, by bench twenty with a sticker.')];
  const spans = createSpanSearch(words, segments).spans();
  expect(
    spans.map(({ at, length }) =>
      words
        .slice(at, at + length)
        .map(({ folded }) => folded)
        .join(' '),
    ),
  ).toEqual(['it is due on the day', 'by bench twenty with a sticker']);
  expect(spans[1]!.bits).toBeGreaterThan(spans[0]!.bits);
  expect(spans[0]!.occurrences).toBe(50);
});

it('a match never goes on from one text into the next, and a short text is a span as a whole', () => {
  const spans = (answer: string) =>
    createSpanSearch([...evidenceWords(answer)], [search(['one two', 'three four'])]).spans();
  expect(spans('one two three four')).toEqual([]);
  expect(spans('Three four')).toMatchObject([{ at: 0, length: 2, occurrences: 1 }]);
  expect(spans('')).toEqual([]);
  expect(spans('!')).toEqual([]);
});

it('rows are ranked by their rare words over all segments; equals by their place', () => {
  const segments = [
    search(['a pump for water', 'a valve for water']),
    search(['a valve for steam', 'a valve for steam']),
  ];
  const ranking = rankRows(['a', 'pump', 'for', 'steam', 'none'], segments);
  expect(ranking.best(3).map(({ segment, row }) => [segment, row])).toEqual([
    [0, 0],
    [1, 0],
    [1, 1],
  ]);
  expect(ranking.score(1, 0)).toBe(ranking.score(1, 1));
  expect(rankRows(['none'], segments).best(9)).toEqual([]);
  expect(rankRows(['a'], []).best(9)).toEqual([]);
});
