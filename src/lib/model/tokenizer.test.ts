// Every golden tokenizer compared with encodings of the reference implementation, and streaming compared with decoding.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJson, readTokenizerCases, TOKENIZER_CASES, tokenizerPath } from '#tests/support/fixtures.ts';
import { readSurroundings } from './post-processor.ts';
import { readSpecialTokens, type TokenFiles } from './special-tokens.ts';
import { createTokenizer } from './tokenizer.ts';

const load = (name: string) => createTokenizer(readJson(`${tokenizerPath(name)}/tokenizer.json`), name);

test.each(TOKENIZER_CASES)('%s: ids and text of every case', (name) => {
  const tokenizer = load(name);
  for (const { text, ids, decoded } of readTokenizerCases(name)) {
    expect(tokenizer.encode(text, { addSpecial: false })).toEqual(ids);
    expect(tokenizer.decode(ids, { special: true })).toBe(decoded);
  }
});

test.each(TOKENIZER_CASES)('%s: streamed pieces join to the decoded whole, for any ids', (name) => {
  const tokenizer = load(name);
  fc.assert(
    fc.property(fc.array(fc.nat(tokenizer.size + 5), { maxLength: 24 }), fc.boolean(), (ids, continues) => {
      const stream = tokenizer.stream({ continues });
      const pieces = ids.map((id) => stream.push(id));
      expect([...pieces, stream.end()].join('')).toBe(tokenizer.decode(ids, { continues }));
    }),
  );
});

test.each(TOKENIZER_CASES)('%s: text round-trips, by single bytes if necessary', (name) => {
  const tokenizer = load(name);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (raw) => {
      // Composed forms and unpaired surrogates are changed by design; SentencePiece marks are spaces.
      const text = raw.toWellFormed().normalize('NFC').replaceAll('\u2581', ' ');
      // One leading space is what a SentencePiece text starts with anyway.
      fc.pre(!text.startsWith(' ') && !/<(unk|s|\/s|\||0x)/.test(text));
      const ids = tokenizer.encode(text, { addSpecial: false });
      if (!ids.some((id) => tokenizer.isSpecial(id))) expect(tokenizer.decode(ids)).toBe(text);
    }),
  );
});

test.each(TOKENIZER_CASES)('%s: tokens before a place spell the text before it', (name) => {
  const tokenizer = load(name);
  const words = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom('<s>', ' ', '\n\n', '<|im_end|>', 'é'),
  );
  fc.assert(
    fc.property(fc.array(words, { minLength: 1, maxLength: 8 }), (parts) => {
      // Composed characters and marks of spaces are changed by design.
      const clean = parts.map((part) => part.normalize('NFC').replaceAll('\u2581', '_'));
      const text = clean.join('');
      fc.pre(text.normalize('NFC') === text);
      const places = clean.map((_, i) => clean.slice(0, i).join('').length);
      const found = tokenizer.encodeAt(text, { places, seams: [] })!;
      expect(found.ids).toEqual(tokenizer.encode(text, { addSpecial: false }));
      // Some tokenizers put spaces before texts, and a token may end within a character.
      const bare = (value: string) => value.replaceAll(' ', '').replace(/\ufffd+$/, '');
      const spell = (count: number) => bare(tokenizer.decode(found.ids.slice(0, count), { special: true }));
      for (const [i, { token, inside }] of found.places.entries()) {
        const before = bare(text.slice(0, places[i]));
        if (!inside) expect(spell(token)).toBe(before);
        else expect([before.startsWith(spell(token)), token < found.ids.length]).toEqual([true, true]);
      }
    }),
    { numRuns: 50 },
  );
});

test('no special token is read across a seam; without tokens that spell the text there are no places', () => {
  const tokenizer = load('qwen');
  const [stop] = tokenizer.encode('<|im_end|>', { addSpecial: false });
  const ids = (seams: number[]) => tokenizer.encodeAt('a<|im_end|>b<|im_end|>', { places: [], seams })!.ids;
  expect([[], [1], [3], [11], [3, 14]].map((seams) => ids(seams).filter((id) => id === stop).length)).toEqual([
    2, 2, 1, 2, 0,
  ]);
  expect(tokenizer.decode(ids([3, 14]))).toBe('a<|im_end|>b<|im_end|>');
});

test('a character split over tokens is held until complete; an incomplete one becomes U+FFFD at the end', () => {
  const tokenizer = load('gpt2');
  const ids = tokenizer.encode('é', { addSpecial: false });
  expect(ids.length).toBe(2);
  const stream = tokenizer.stream();
  expect(ids.map((id) => stream.push(id))).toEqual(['', 'é']);
  const half = tokenizer.stream();
  expect([half.push(ids[0]!), half.end()]).toEqual(['', '\uFFFD']);
});

test('no ids and unknown ids give no text; special tokens give text only on request', () => {
  const tokenizer = load('qwen');
  expect(tokenizer.decode([])).toBe('');
  expect(tokenizer.decode([10 ** 6])).toBe('');
  const ids = tokenizer.encode('<|im_start|>a', { addSpecial: false });
  expect(tokenizer.decode(ids)).toBe('a');
  expect(tokenizer.decode(ids, { special: true })).toBe('<|im_start|>a');
  expect(tokenizer.idOf('<|im_start|>')).toBe(3);
  expect(tokenizer.idOf('no such token')).toBeNull();
});

test('a leading space is removed at the start of a text and kept in the middle', () => {
  const tokenizer = load('legacy_spm');
  const ids = tokenizer.encode('word', { addSpecial: false });
  expect(tokenizer.decode(ids)).toBe('word');
  expect(tokenizer.decode(ids, { continues: true })).toBe(' word');
});

const qwen = () => readJson<Record<string, unknown>>(`${tokenizerPath('qwen')}/tokenizer.json`);

test.each<[string, Record<string, unknown>, RegExp]>([
  ['no model', { model: undefined }, /type "none"/],
  ['an unknown model', { model: { type: 'Magic', vocab: {} } }, /type "Magic"/],
  ['an empty vocabulary', { model: { type: 'BPE', vocab: {}, merges: [] }, added_tokens: [] }, /0 tokens/],
  ['an unknown decoder', { decoder: { type: 'WordPiece' } }, /decoder "WordPiece"/],
  ['no decoder', { decoder: null }, /no decoder/],
  ['an unknown pre-tokenizer', { pre_tokenizer: { type: 'Magic' } }, /cannot be used/],
  [
    'an endless expression',
    { pre_tokenizer: { type: 'Split', pattern: { Regex: 'a'.repeat(5000) } } },
    /5000 characters/,
  ],
  ['added tokens that are text', { added_tokens: 'x' }, /"added_tokens"/],
  ['an added token far away', { added_tokens: [{ id: 1e9, content: 'x' }] }, /"added_tokens"/],
])('%s is refused', (_, change, message) => {
  expect(() => createTokenizer({ ...qwen(), ...change }, 'm')).toThrow(message);
});

const ofByteLevel = (text: string, files: TokenFiles) => {
  const json = { ...qwen(), post_processor: null };
  const tokenizer = createTokenizer(json, 'm', readSpecialTokens(files).declared);
  return { tokenizer, ids: tokenizer.encode(text, { addSpecial: true }) };
};
const vocabulary = () => {
  const { model, added_tokens: added } = qwen() as { model: { vocab: object }; added_tokens: { content: string }[] };
  return { size: Object.keys(model.vocab).length, added: added.length };
};
const nothing = { config: {}, map: null, added: null };

test('tokens declared in tokenizer_config.json alone are found, with their flags', () => {
  const entry = { content: '<extra>', special: true, lstrip: true, normalized: false };
  const { tokenizer, ids } = ofByteLevel('a <extra>b', {
    ...nothing,
    config: { added_tokens_decoder: { '5000': entry } },
  });
  const plain = (text: string) => tokenizer.encode(text, { addSpecial: false });
  // The id is the next free one, whichever the file names, as in the reference.
  const id = tokenizer.idOf('<extra>')!;
  expect(id).toBeLessThan(5000);
  expect(ids).toEqual([...plain('a'), id, ...plain('b')]);
  expect([tokenizer.size, tokenizer.tokenOf(id), tokenizer.isSpecial(id)]).toEqual([id + 1, '<extra>', true]);
  expect([tokenizer.decode(ids), tokenizer.decode(ids, { special: true })]).toEqual(['ab', 'a<extra>b']);
});

test.each<[string, TokenFiles]>([
  ['additional_special_tokens', { ...nothing, config: { additional_special_tokens: ['<extra>'] } }],
  ['extra_special_tokens by name', { ...nothing, config: { extra_special_tokens: { image_token: '<extra>' } } }],
  ["a role of the model's own", { ...nothing, config: { image_token: { content: '<extra>' } } }],
  ['special_tokens_map.json', { ...nothing, map: { pad_token: '<extra>' } }],
  ['added_tokens.json', { ...nothing, added: { '<extra>': 900 } }],
])('tokens declared in %s alone are found', (_, files) => {
  const { tokenizer, ids } = ofByteLevel('a<extra>b', files);
  const id = tokenizer.idOf('<extra>')!;
  expect(ids[ids.length - 2]).toBe(id);
  expect(tokenizer.isSpecial(id)).toBe(files.added === null);
  const { size, added } = vocabulary();
  expect(id).toBeGreaterThanOrEqual(Math.max(size, added));
});

test.each<[string, unknown, number[], number[]]>([
  ['Roberta', { type: 'RobertaProcessing', cls: ['<s>', 1], sep: ['</s>', 2] }, [1], [2]],
  [
    'a sequence',
    { type: 'Sequence', processors: [{ type: 'ByteLevel' }, { type: 'BertProcessing', cls: ['c', 7], sep: ['s', 8] }] },
    [7],
    [8],
  ],
])('tokens around a text: %s', (_, processor, before, behind) => {
  expect(readSurroundings(processor)).toEqual({ before, behind });
});
