// A folder's text side as a whole: BOS once, stop ids from every file, and models that have no tokenizer or no chat.

import { expect, test } from 'vitest';
import { modelPath, openFixture, readJson, tokenizerPath } from '../../../tests/support/fixtures.ts';
import { createMemoryFolder } from '#lib/core/format/memory-folder.ts';
import { loadText } from './text.ts';

const json = readJson<Record<string, unknown>>(`${tokenizerPath('llama3')}/tokenizer.json`);
/** Puts <s> (1) before every text, as the tokenizers of most families do. */
const bosFirst = {
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  pair: [],
  special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
};
const bosAndEos = {
  ...bosFirst,
  single: [...bosFirst.single, { SpecialToken: { id: '</s>', type_id: 0 } }],
  special_tokens: { ...bosFirst.special_tokens, '</s>': { id: '</s>', ids: [2], tokens: ['</s>'] } },
};
const specials = { bos_token: '<s>', eos_token: { content: '</s>', special: true } };
const chat = '{{ bos_token }}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}';

const load = (files: Record<string, unknown>, vocab = 1000) =>
  loadText(
    createMemoryFolder(
      'm',
      new Map(Object.entries(files).map(([k, v]) => [k, typeof v === 'string' ? v : JSON.stringify(v)])),
    ),
    vocab,
  );
const count = (ids: number[], id: number) => ids.filter((x) => x === id).length;

test('BOS stands at the start exactly once, whoever writes it', async () => {
  const tokenizer = { ...json, post_processor: bosFirst };
  for (const template of [chat, chat.replace('{{ bos_token }}', '')]) {
    const text = await load({
      'tokenizer.json': tokenizer,
      'tokenizer_config.json': { ...specials, chat_template: template },
    });
    const ids = text.encodePrompt({ messages: [{ role: 'user', content: 'Hi' }] });
    expect([ids[0], count(ids, 1)]).toEqual([1, 1]);
    expect(text.encodePrompt({ text: '<s>Hi' })).toEqual(text.encodePrompt({ text: 'Hi' }));
  }
});

test('a tokenizer without BOS gets none unless the template writes it', async () => {
  const text = await load({ 'tokenizer.json': json, 'tokenizer_config.json': { ...specials, chat_template: chat } });
  expect(count(text.encodePrompt({ text: 'Hi' }), 1)).toBe(0);
  expect(count(text.encodePrompt({ messages: [{ role: 'user', content: 'Hi' }] }), 1)).toBe(1);
});

test('an end token the tokenizer appends does not close the prompt', async () => {
  const text = await load({
    'tokenizer.json': { ...json, post_processor: bosAndEos },
    'tokenizer_config.json': specials,
  });
  expect(text.encodePrompt({ text: 'Hi' }).at(-1)).not.toBe(2);
});

test('ids are taken as they are', async () => {
  const text = await load({
    'tokenizer.json': { ...json, post_processor: bosFirst },
    'tokenizer_config.json': specials,
  });
  expect(text.encodePrompt({ ids: [5, 6] })).toEqual([5, 6]);
});

test('stop ids are what generation_config.json says, or config.json without it, the end token, and the end of a turn the template writes', async () => {
  const text = await load({
    'tokenizer.json': json,
    'tokenizer_config.json': { ...specials, chat_template: chat },
    'generation_config.json': { eos_token_id: [7, 8] },
    'config.json': { eos_token_id: 9, text_config: { eos_token_id: 10 } },
  });
  expect([...text.stopIds].sort((a, b) => a - b)).toEqual([2, 4, 7, 8]);
  const nested = await load({ 'tokenizer.json': json, 'config.json': { text_config: { eos_token_id: [10, -1] } } });
  expect([...nested.stopIds]).toEqual([10]);
  const none = await load({ 'tokenizer.json': json, 'generation_config.json': {}, 'config.json': { eos_token_id: 9 } });
  expect([...none.stopIds]).toEqual([]);
  const plain = await load({ 'tokenizer.json': json, 'config.json': { eos_token_id: 5000 } });
  expect([...plain.stopIds]).toEqual([]);
  await expect(load({ 'config.json': { eos_token_id: 'x' } })).rejects.toThrow(
    /m\/config.json: field "eos_token_id" holds "x"/,
  );
});

test('the template may be text, a named list or a file; the file wins', async () => {
  const say = async (files: Record<string, unknown>) => {
    const text = await load({ 'tokenizer.json': json, ...files });
    return text.decode(text.encodePrompt({ messages: [{ role: 'user', content: 'x' }] }));
  };
  const list = {
    chat_template: [
      { name: 'tool_use', template: 'T' },
      { name: 'default', template: 'L' },
    ],
  };
  expect(await say({ 'tokenizer_config.json': { chat_template: 'C' } })).toBe('C');
  expect(await say({ 'tokenizer_config.json': list })).toBe('L');
  expect(await say({ 'tokenizer_config.json': list, 'chat_template.jinja': 'J' })).toBe('J');
  await expect(load({ 'tokenizer.json': json, 'tokenizer_config.json': { chat_template: 5 } })).rejects.toThrow(
    /"chat_template" is neither/,
  );
});

test('no template, no chat', async () => {
  const text = await load({ 'tokenizer.json': json });
  expect(text.hasChatTemplate).toBe(false);
  expect(() => text.encodePrompt({ messages: [{ role: 'user', content: 'x' }] })).toThrow(
    'm: the model has no chat template.',
  );
});

test('a text token the model does not know is refused', async () => {
  const text = await load({ 'tokenizer.json': json }, 4);
  expect(() => text.encodePrompt({ text: '<|im_end|>' })).toThrow(
    /"<\|im_end\|>" \(id 4\), the model knows ids below 4/,
  );
});

test('a folder without a tokenizer speaks ids', async () => {
  const text = await loadText(openFixture(modelPath('gemma')), 308);
  expect(text.encodePrompt({ ids: [3, 4] })).toEqual([3, 4]);
  expect([...text.stopIds]).toEqual([1]);
  expect(text.decodeStream().push(5)).toBe('');
  expect(() => text.encodePrompt({ text: 'x' })).toThrow('gemma: the folder has no tokenizer.json.');
  expect(() => text.decode([5])).toThrow(/no tokenizer.json/);
  expect([text.hasTokenizer, text.hasChatTemplate]).toEqual([false, false]);
});

test('a damaged tokenizer.json is refused by file', async () => {
  await expect(load({ 'tokenizer.json': '{"model":' })).rejects.toThrow(/m\/tokenizer.json: not valid JSON/);
});
