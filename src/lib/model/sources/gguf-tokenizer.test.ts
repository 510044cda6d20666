// Tokenizers from GGUF metadata, compared with encodings of the reference implementation for the tokenizer.json they stand for.

import { describe, expect, it, test } from 'vitest';
import { readJson, readTokenizerCases, tokenizerPath } from '#tests/support/fixtures.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import type { GgufValue } from '#lib/formats/model/gguf-header.ts';
import { createTokenizer } from '../tokenizer.ts';
import { ggufFields } from './gguf-fields.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';

interface TokenizerFile {
  added_tokens: { id: number; content: string }[];
  model: { vocab: Record<string, number>; merges: (string | [string, string])[] };
}

const tokenizerOf = (entries: Record<string, GgufValue>) => {
  const metadata = new Map(Object.entries({ 'general.architecture': 'llama', ...entries }));
  return ggufTokenizer(ggufFields({ metadata }, 'm.gguf'));
};

/** The metadata that llama.cpp writes for a tokenizer.json. */
function metadataOf(name: string): Record<string, GgufValue> {
  const { added_tokens: added, model } = readJson<TokenizerFile>(`${tokenizerPath(name)}/tokenizer.json`);
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  for (const { id, content } of added) tokens[id] = content;
  const specials = new Set(added.map(({ id }) => id));
  const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
  // The score of a piece falls with the place of its first merge.
  const rank = new Map<string, number>();
  merges.forEach((merge, i) => {
    const piece = merge.replace(' ', '');
    if (!rank.has(piece)) rank.set(piece, -i);
  });
  return {
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': tokens.map((token, id) =>
      token === '<unk>' ? 2 : specials.has(id) ? 3 : /^<0x..>$/.test(token) ? 6 : 1,
    ),
    'tokenizer.ggml.merges': merges,
    'tokenizer.ggml.scores': tokens.map((token) => rank.get(token) ?? -1e6),
    'tokenizer.ggml.bos_token_id': 1,
    'tokenizer.ggml.unknown_token_id': 0,
  };
}

test.each<[string, Record<string, GgufValue>]>([
  ['gpt2', { 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'gpt-2' }],
  ['llama3', { 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'llama-bpe' }],
  ['qwen', { 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'qwen2' }],
  ['o200k', { 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'gpt-4o' }],
  ['smollm', { 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'smollm' }],
  ['legacy_spm', { 'tokenizer.ggml.model': 'llama' }],
  ['gemma', { 'tokenizer.ggml.model': 'llama', 'tokenizer.ggml.add_space_prefix': false }],
])('%s: ids and text of every case', (name, fields) => {
  const made = JSON.parse(JSON.stringify(tokenizerOf({ ...metadataOf(name), ...fields }))) as JsonObject;
  const tokenizer = createTokenizer(made, name);
  for (const { text, ids, decoded } of readTokenizerCases(name)) {
    expect(tokenizer.encode(text, { addSpecial: false })).toEqual(ids);
    expect(tokenizer.decode(ids, { special: true })).toBe(decoded);
  }
});

describe('the BOS token', () => {
  const idsOf = (fields: Record<string, GgufValue>, name = 'llama3') =>
    createTokenizer(tokenizerOf({ ...metadataOf(name), ...fields }) as JsonObject, 'm').encode('a', {
      addSpecial: true,
    });

  it.each<[string, Record<string, GgufValue>, boolean]>([
    ['begins a text of LLaMA 3', { 'tokenizer.ggml.pre': 'llama-bpe' }, true],
    [
      'does not where the file says so',
      { 'tokenizer.ggml.pre': 'llama-bpe', 'tokenizer.ggml.add_bos_token': false },
      false,
    ],
    ['does not begin a text of Qwen 2', { 'tokenizer.ggml.pre': 'qwen2' }, false],
    ['does where the file says so', { 'tokenizer.ggml.pre': 'qwen2', 'tokenizer.ggml.add_bos_token': true }, true],
  ])('%s', (_, fields, begins) => {
    expect(idsOf({ 'tokenizer.ggml.model': 'gpt2', ...fields })[0] === 1).toBe(begins);
  });
});

test('tokens of the user are found in a text but are no specials', () => {
  const fields = {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': ['a', 'b', '<tool>', '<end>'],
    'tokenizer.ggml.token_type': [1, 1, 4, 3],
    'tokenizer.ggml.merges': [],
  };
  const tokenizer = createTokenizer(tokenizerOf(fields) as JsonObject, 'm');
  expect(tokenizer.encode('a<tool>b<end>', { addSpecial: false })).toEqual([0, 2, 1, 3]);
  expect([2, 3].map((id) => tokenizer.isSpecial(id))).toEqual([false, true]);
});

test('tokens of Phi-3 take the white space behind them', () => {
  const made = tokenizerOf({
    ...metadataOf('legacy_spm'),
    'general.architecture': 'phi3',
    'tokenizer.ggml.model': 'llama',
  }) as JsonObject;
  const tokenizer = createTokenizer(made, 'm');
  const idsOf = (text: string) => tokenizer.encode(text, { addSpecial: false });
  expect(idsOf('<|im_end|>\n<|im_start|>')).toEqual([4, 3]);
  expect(idsOf('<s> <s>').length).toBeGreaterThan(2);
});

describe('is refused', () => {
  it.each<[string, Record<string, GgufValue>, RegExp]>([
    [
      'an unknown way to cut texts',
      { 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'tekken' },
      /pre" is "tekken"/,
    ],
    ['an unknown kind', { 'tokenizer.ggml.model': 'rwkv' }, /model" is "rwkv"/],
    ['a kind that only objects have', { 'tokenizer.ggml.model': 'constructor' }, /model" is "constructor"/],
    ['a token twice', { 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.tokens': ['a', 'a'] }, /a token twice/],
    [
      'pieces that would take hours to cut',
      { 'tokenizer.ggml.model': 'llama', 'tokenizer.ggml.tokens': ['a'.repeat(40_000)], 'tokenizer.ggml.scores': [1] },
      /too many long tokens/,
    ],
    ['scores for other tokens', { 'tokenizer.ggml.model': 'llama', 'tokenizer.ggml.scores': [1] }, /1 scores for/],
    [
      'tokens that are numbers',
      { 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.tokens': [1] },
      /not a list of texts/,
    ],
  ])('%s', (_, fields, message) => {
    expect(() => tokenizerOf({ ...metadataOf('gpt2'), ...fields })).toThrow(message);
  });
});

test('a file without a tokenizer has none', () => {
  expect(tokenizerOf({})).toBeNull();
  expect(tokenizerOf({ 'tokenizer.ggml.model': 'no_vocab' })).toBeNull();
});
