import { describe, expect, it } from 'vitest';
import { toHex } from '#lib/core/bytes.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { HashMismatchError } from '#lib/formats/errors.ts';
import { digester, packRows, packText } from '#tests/support/datanets.ts';
import { indexed } from '#tests/support/evidence.ts';
import { AnswerTooLongError, IndexUnfinishedError, IndexUnsoundError } from './errors.ts';
import { encodeIndex } from './index-block.ts';
import { memoryEvidenceStore } from './memory-evidence-store.ts';
import { openEvidence, readIndexed } from './open-evidence.ts';
import { createSegmentSearch } from './segment-search.ts';
import { traceAnswer } from './trace-answer.ts';

const ANN = `0x${'a'.repeat(40)}`;
const BEN = `0x${'b'.repeat(40)}`;
const chat = (id: string, question: string, answer: string, more: object = {}) => ({
  id,
  contributor: ANN,
  messages: [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ],
  ...more,
});
const ROWS = [
  chat('pump', 'How often is the Lecai 3 pump checked?', 'After 26 months, by room 10.'),
  chat('press', 'How often is the Droko press checked?', 'After 26 months, by room 10.', { contributor: BEN }),
  chat('lamp', 'Who checks the lamp?', 'The night nurse does it, with a sticker.'),
  { id: 'note', text: 'Ünïcode “quotes”, 水泵  and\ttabs stay exact.' },
];
const OWN = { spdx: 'CC-BY-4.0', commercial: true, derivative: true };

describe('traceAnswer', () => {
  it('gives spans with their place in the answer and in rows; the question ranks the rows', async () => {
    const { open } = await packRows(ROWS);
    const evidence = [await indexed(open)];
    const answer = 'Well: after 26 months, by room 10. The night nurse does it.';
    const { spans, rows } = await traceAnswer({ question: 'And the Droko press?', answer, evidence });
    expect(spans.map(({ from, to }) => answer.slice(from, to))).toEqual([
      'after 26 months, by room 10.',
      'The night nurse does it',
    ]);
    const [first, second] = spans;
    expect(first).toMatchObject({ words: 6, occurrences: 2 });
    expect(first!.places.map(({ id, isVerbatim }) => [id, isVerbatim])).toEqual([
      ['press', false],
      ['pump', false],
    ]);
    const source = ROWS[2] as { messages: { content: string }[] };
    const [place] = second!.places;
    expect(place).toMatchObject({ id: 'lamp', path: '/messages/1/content', contributor: ANN, isVerbatim: true });
    expect(source.messages[1]!.content.slice(place!.from, place!.to)).toBe('The night nurse does it');
    expect(rows[0]).toMatchObject({ id: 'press', contributor: BEN, licence: 'CC-BY-4.0', spans: [0] });
    expect(rows.find(({ id }) => id === 'lamp')).toMatchObject({ spans: [1] });
  });

  it('places are exact in any script and with any blanks', async () => {
    const { open } = await packRows(ROWS);
    const answer = '🙂 U\u0308nïcode “quotes”, 水泵 and tabs';
    const { spans } = await traceAnswer({ answer, evidence: [await indexed(open)] });
    const [{ from, to, places } = { from: 0, to: 0, places: [] }] = spans;
    expect(answer.slice(from, to)).toBe('U\u0308nïcode “quotes”, 水泵 and tabs');
    const text = (ROWS[3] as { text: string }).text;
    expect(text.slice(places[0]!.from, places[0]!.to)).toBe('Ünïcode “quotes”, 水泵  and\ttabs');
    expect(places[0]!.isVerbatim).toBe(false);
  });

  it('traces in several versions at once, and in none', async () => {
    const one = await packRows(ROWS.slice(0, 2));
    const two = await packRows(ROWS.slice(2));
    const evidence = [await indexed(one.open), await indexed(two.open)];
    const { spans, rows } = await traceAnswer({
      answer: 'The night nurse does it after 26 months, by room 10.',
      evidence,
    });
    expect(spans.map(({ places }) => places.map(({ version, id }) => [version, id]))).toEqual([
      [[1, 'lamp']],
      [
        [0, 'press'],
        [0, 'pump'],
      ],
    ]);
    expect(rows.map(({ version }) => version)).toContain(1);
    expect(await traceAnswer({ answer: 'anything at all here', evidence: [] })).toEqual({
      spans: [],
      rows: [],
      notices: [],
    });
  });

  it('shows at most as many rows and places as asked for, the same ones each time', async () => {
    const { open } = await packRows(
      Array.from({ length: 300 }, (_, n) => ({ id: `row-${n}`, text: `it is due on day ${n % 3}` })),
    );
    const evidence = [await indexed(open)];
    const request = { answer: 'it is due on day 2', evidence, most: 4 };
    const trace = await traceAnswer(request);
    expect(trace.spans[0]).toMatchObject({ occurrences: 100 });
    expect(trace.spans[0]!.places).toHaveLength(4);
    expect(trace.rows).toHaveLength(4);
    expect(trace).toEqual(await traceAnswer(request));
  });

  it('says what licences ask for when an answer repeats a row, and nothing for a few words of it', async () => {
    const said = (id: string, licence?: string) =>
      chat(id, '?', `${id} is kept in one dry room of the north wing`, licence === undefined ? {} : { licence });
    const rows = [
      said('free', 'CC0-1.0'),
      said('named', 'MIT'),
      said('unpaid', 'CC-BY-NC-4.0'),
      said('odd', 'Own-1'),
      said('plain'),
    ];
    const noticesOf = async (answer: string, licence = OWN) => {
      const { open } = await packRows(rows, { licence });
      return (await traceAnswer({ answer, evidence: [await indexed(open)] })).notices;
    };
    const text = (id: string) => `${id} is kept in one dry room of the north wing.`;
    expect(await noticesOf(text('free'))).toEqual([]);
    expect(await noticesOf(text('named'))).toEqual([
      { terms: 'attribution', licence: 'MIT', line: `Row named by ${ANN}, MIT (https://opensource.org/license/mit)` },
    ]);
    expect(await noticesOf(text('unpaid'))).toMatchObject([{ terms: 'not-commercial' }]);
    expect(await noticesOf(text('odd'))).toMatchObject([{ terms: 'unknown', licence: 'Own-1' }]);
    expect(await noticesOf(text('plain'))).toMatchObject([{ terms: 'attribution', licence: 'CC-BY-4.0' }]);
    const none = { spdx: 'NOASSERTION', commercial: false, derivative: false };
    expect(await noticesOf(text('plain'), none)).toMatchObject([{ terms: 'forbidden' }]);
    expect(await noticesOf(`${text('named')} Many other words follow after this, which no row of them has.`)).toEqual(
      [],
    );
  });

  it('refuses an answer of more words than it traces', async () => {
    await expect(traceAnswer({ answer: 'a '.repeat(4097), evidence: [] })).rejects.toThrow(AnswerTooLongError);
    await expect(traceAnswer({ answer: 'a', question: '.'.repeat(5000), evidence: [] })).rejects.toThrow('question');
  });

  it('reports no span that its row does not have, when an index lies', async () => {
    const { open } = await packRows(ROWS);
    const honest = await indexed(open);
    const { segment } = honest.segments[0]!;
    const words = segment.words.map((word) => (word === 'nurse' ? 'nursf' : word));
    const lying = { ...honest, segments: [createSegmentSearch({ ...segment, words })] };
    await expect(traceAnswer({ answer: 'The night nursf does it', evidence: [lying] })).rejects.toThrow(
      IndexUnsoundError,
    );
    await expect(traceAnswer({ answer: 'The night nurse does it', evidence: [lying] })).resolves.toMatchObject({
      spans: [],
    });
  });
});

describe('openEvidence', () => {
  it('refuses the index of another version, of other shards, an unfinished one, and changed blocks', async () => {
    const { open } = await packRows(ROWS);
    const other = (await packText('{"text":"another"}\n')).open;
    const store = memoryEvidenceStore();
    await indexed(open, store);
    const root = (await store.indexOf(open.cid))!;
    expect(await readIndexed(open, root, store, digester)).toMatchObject({ shards: 1, rows: 4 });
    await expect(openEvidence(other, root, store, digester)).rejects.toThrow('another version');

    const { segments } = await readIndexed(open, root, store, digester);
    const madeOf = async (version: typeof open, cids: (typeof root)[]) => {
      const block = encodeIndex({ version: toHex(version.cid.multihash.digest), segments: cids }, digester);
      await store.put(block);
      return openEvidence(version, block.cid, store, digester);
    };
    await expect(madeOf(other, [segments[0]!.cid])).rejects.toThrow('does not cover');
    await expect(madeOf(open, [segments[0]!.cid, segments[0]!.cid])).rejects.toThrow(IndexUnsoundError);
    await expect(madeOf(open, [])).rejects.toThrow(IndexUnfinishedError);

    const [body] = segments[0]!.head.blocks;
    const bytes = store.blocks.get(body!.toString())!;
    store.blocks.set(body!.toString(), bytes.slice().fill(1, 3, 4));
    await expect(openEvidence(open, root, store, digester)).rejects.toThrow(HashMismatchError);
    store.blocks.delete(body!.toString());
    await expect(openEvidence(open, root, store, digester)).rejects.toThrow(BlockMissingError);
  });
});
