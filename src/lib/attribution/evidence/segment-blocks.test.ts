import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { toHex } from '#lib/core/bytes.ts';
import { rawCidOf } from '#lib/formats/block/block.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { digester } from '#tests/support/datanets.ts';
import { createSegmentBuilder, PART_END, rowAt, type Segment } from './segment.ts';
import { encodeSegment, parseSegment, parseSegmentHead } from './segment-blocks.ts';

const SHARD = toHex(new Uint8Array(32).fill(1));
const RING = rawCidOf(new Uint8Array(32)).toString();
const segmentOf = (rows: readonly JsonObject[]): Segment => {
  const builder = createSegmentBuilder();
  for (const row of rows) builder.add(row);
  return builder.seal();
};
const reread = (segment: Segment): Segment => {
  const blocks = encodeSegment(segment, [SHARD], digester).map(({ bytes }) => bytes);
  return parseSegment(parseSegmentHead(blocks.pop()!, 'segment'), blocks, 'segment');
};
const textOf = ({ words, tokens }: Segment): string =>
  Array.from(tokens, (number) => (number === PART_END ? '|' : words[number - 1])).join(' ');

it('holds the words of every text of its rows, and no names of fields, ids, roles or sealed values', () => {
  const segment = segmentOf([
    {
      id: 'a',
      contributor: '0x1',
      licence: 'MIT',
      messages: [
        { role: 'user', content: 'How Much?' },
        { role: 'assistant', content: [{ type: 'text', text: '3.5 ml' }] },
      ],
    },
    { id: 'b' },
    { text: 'İstanbul 水泵', n: 7, sealed: { ring: RING, box: 'AAAA' } },
  ]);
  expect(textOf(segment)).toBe(`how much ? | 3 . 5 ml | text | 7 | ${'İ'.toLowerCase()}stanbul 水 泵 |`);
  expect([...segment.rowEnds]).toEqual([11, 11, 17]);
  expect([0, 10, 11, 16].map((place) => rowAt(segment, place))).toEqual([0, 0, 2, 2]);
});

it('is the same after it was written and read, for any rows', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'ab', '.', '水', 'É', '\u0301'), { maxLength: 12 });
  const row = fc.array(text, { maxLength: 3 }).map((texts) => ({ messages: texts.map((words) => words.join(' ')) }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (rows) => {
      const segment = segmentOf(rows);
      expect(reread(segment)).toEqual(segment);
    }),
  );
});

it('takes less than six bytes a word of text in its blocks', () => {
  const rows = Array.from({ length: 3000 }, (_, n) => ({
    text: `Row ${n} says that ${n % 701} comes after ${n % 97}, not before.`,
  }));
  const segment = segmentOf(rows);
  const blocks = encodeSegment(segment, [SHARD], digester);
  expect(blocks.reduce((sum, { bytes }) => sum + bytes.length, 0) / segment.suffixes.length).toBeLessThan(6);
});

it('is refused when one of its numbers does not fit the others', () => {
  const segment = segmentOf([{ text: 'b a b a c' }, { text: 'a b, a b.' }, { text: 'c' }]);
  const { words, tokens, rowEnds, suffixes } = segment;
  const other = (numbers: Int32Array, at: number, value: number): Int32Array => {
    const changed = numbers.slice();
    changed[at] = value;
    return changed;
  };
  const lies: Segment[] = [];
  suffixes.forEach((was, at) => {
    for (let value = 0; value <= tokens.length; value++)
      if (value !== was) lies.push({ ...segment, suffixes: other(suffixes, at, value) });
    if (at > 0) lies.push({ ...segment, suffixes: other(other(suffixes, at, suffixes[at - 1]!), at - 1, was) });
  });
  rowEnds.forEach((was, at) => {
    for (let value = 0; value <= tokens.length + 1; value++)
      if (value > 0 && value !== was && tokens[value - 1] !== PART_END)
        lies.push({ ...segment, rowEnds: other(rowEnds, at, value) });
  });
  tokens.forEach((was, at) => {
    lies.push({ ...segment, tokens: other(tokens, at, words.length + 1) });
    lies.push({ ...segment, tokens: other(tokens, at, was === PART_END ? 1 : PART_END) });
  });
  lies.push({ ...segment, words: words.slice().reverse() });
  lies.push({ ...segment, words: words.slice(1) });
  lies.push({ ...segment, words: words.map(() => 'a') });
  for (const lie of lies) expect(() => reread(lie)).toThrow(FormatError);
});

it('is refused when its head lies about sizes', () => {
  const blocks = encodeSegment(segmentOf([{ text: 'a b' }]), [SHARD], digester).map(({ bytes }) => bytes);
  const head = parseSegmentHead(blocks[1]!, 'segment');
  const lies = [{ rows: 2 }, { tokens: 4 }, { words: 1 }, { suffixes: 1 }, { dictionary: 3 }];
  for (const lie of lies) expect(() => parseSegment({ ...head, ...lie }, [blocks[0]!], 'segment')).toThrow(FormatError);
  expect(() => parseSegment(head, [blocks[0]!.slice(1)], 'segment')).toThrow('bytes');
});
