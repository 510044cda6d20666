// A vocabulary that SentencePiece trained, against the ids that SentencePiece gives.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { loadText } from '../text.ts';
import { parseSentencePiece } from './sentencepiece-model.ts';

const file = new URL('../../../../tests/fixtures/formats/sentencepiece.json', import.meta.url);
const { model, cases } = JSON.parse(readFileSync(file, 'utf8')) as {
  model: string;
  cases: { text: string; ids: number[] }[];
};
const bytes = Uint8Array.from(Buffer.from(model, 'base64'));
const PIECES = 480;

const load = (config: object, content: Uint8Array = bytes, vocab = 600) =>
  loadText(
    createMemoryFolder(
      'm',
      new Map<string, string | Uint8Array>([
        ['tokenizer.model', content],
        ['tokenizer_config.json', JSON.stringify(config)],
      ]),
    ),
    vocab,
    () => new Date(0),
  );
const idsOf = async (config: object, text: string) => (await load(config)).readPrompt({ text }).ids;

describe('a folder with tokenizer.model alone', () => {
  it.each(cases)('has the ids of SentencePiece: $text', async ({ text, ids }) => {
    expect(await idsOf({ tokenizer_class: 'LlamaTokenizer', add_bos_token: false }, text)).toEqual(ids);
    expect(await idsOf({ tokenizer_class: 'LlamaTokenizer' }, text)).toEqual([1, ...ids]);
  });

  it('gives the text back', async () => {
    const text = await load({ tokenizer_class: 'LlamaTokenizer' });
    for (const { text: wanted, ids } of cases) expect(text.decode(ids)).toBe(wanted.replaceAll('▁', ' '));
  });

  it('of ChatGLM has its further tokens behind the pieces, and its beginning', async () => {
    const config = { tokenizer_class: 'ChatGLMTokenizer' };
    const [gmask, sop, user, assistant] = [1, 3, 6, 7].map((i) => PIECES + i);
    const plain = cases.find(({ text }) => text.includes('people'))!;
    // "eop" within "people" is no token.
    expect(await idsOf(config, plain.text)).toEqual([gmask, sop, ...plain.ids]);
    const chat_template =
      '{% for m in messages %}{% if loop.first %}[gMASK]sop{% endif %}<|{{ m.role }}|>\n {{ m.content }}{% endfor %}<|assistant|>';
    const messages = [{ role: 'user' as const, content: 'x' }];
    const { ids } = (await load({ ...config, chat_template })).readPrompt({ messages });
    expect([ids.slice(0, 3), ids.at(-1)]).toEqual([[gmask, sop, user], assistant]);
  });

  it('of a class that is not known takes ids only, and says so', async () => {
    const text = await load({ tokenizer_class: 'ChatGLM4Tokenizer' });
    expect(text.hasTokenizer).toBe(false);
    expect(() => text.readPrompt({ text: 'x' })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('not known here') as unknown }) as Error,
    );
  });
});

const field = (number: number, content: readonly number[]) => [number * 8 + 2, content.length, ...content];
const piece = field(1, field(1, [97]));
const keepsSpaces = [4 * 8, 0];

test.each<[string, number[], RegExp]>([
  ['nothing', [], /no SentencePiece vocabulary/],
  ['a unigram vocabulary', [...piece, ...field(2, [24, 1]), ...field(3, keepsSpaces)], /of kind unigram/],
  [
    'one that rewrites texts',
    [...piece, ...field(2, [24, 2]), ...field(3, [...field(2, [1]), ...keepsSpaces])],
    /rewrites/,
  ],
  ['one that removes spaces', [...piece, ...field(2, [24, 2])], /removes spaces/],
  ['one that keeps spaces as they are', [...piece, ...field(3, [5 * 8, 0])], /keeps spaces/],
  ['a score of two bytes', field(1, field(2, [0, 0])), /a score has 2 bytes/],
  ['a length beyond the end', [10, 50, 1], /damaged/],
  ['a number without an end', [8, 255, 255], /damaged/],
  ['a kind of field that is none', [15, 1], /damaged/],
])('%s is refused', (_, content, message) => {
  expect(() => parseSentencePiece(Uint8Array.from(content), 'm')).toThrow(message);
});

test('a file with changed bytes ends in an error of ours or is read', () => {
  const change = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const damaged = bytes.slice();
      for (const { at, byte } of changes) damaged[at] = byte;
      try {
        parseSentencePiece(damaged, 'm');
      } catch (error) {
        expect(error).toBeInstanceOf(PayableError);
      }
    }),
    { numRuns: 100 },
  );
});
