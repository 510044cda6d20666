// The text side of a folder as a whole: one BOS, stop ids from every file, and models without a tokenizer or a template.

import { expect, test } from 'vitest';
import { modelPath, openFixture, readJson, tokenizerPath } from '#tests/support/fixtures.ts';
import type { Plain } from '#lib/formats/json/exact-json.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import type { Prompt } from './chat-message.ts';
import { loadText, type TextModel } from './text.ts';

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
    () => new Date(2026, 10, 30),
  );
const ids = (text: TextModel, prompt: Prompt) => text.readPrompt(prompt).ids;
const count = (ids: number[], id: number) => ids.filter((x) => x === id).length;

const hi: Prompt = { messages: [{ role: 'user', content: 'Hi' }] };

test('text begins with one BOS, also when the user wrote one; messages have the one that their template writes', async () => {
  const tokenizer = { ...json, post_processor: bosFirst };
  const open = (template: string) =>
    load({ 'tokenizer.json': tokenizer, 'tokenizer_config.json': { ...specials, chat_template: template } });
  const text = await open(chat);
  expect(ids(text, { text: '<s>Hi' })).toEqual(ids(text, { text: 'Hi' }));
  expect([ids(text, { text: 'Hi' })[0], count(ids(text, { text: 'Hi' }), 1)]).toEqual([1, 1]);
  expect([ids(text, hi)[0], count(ids(text, hi), 1)]).toEqual([1, 1]);
  const without = await open(chat.replace('{{ bos_token }}', ''));
  expect(count(ids(without, hi), 1)).toBe(0);
});

test('a tokenizer that puts no BOS adds none to text', async () => {
  const text = await load({ 'tokenizer.json': json, 'tokenizer_config.json': { ...specials, chat_template: chat } });
  expect(count(ids(text, { text: 'Hi' }), 1)).toBe(0);
  expect(count(ids(text, hi), 1)).toBe(1);
});

test('BOS and EOS may be named in special_tokens_map.json alone', async () => {
  const files = { 'tokenizer.json': json, 'chat_template.jinja': chat, 'special_tokens_map.json': specials };
  const text = await load({ ...files, 'tokenizer_config.json': {} });
  expect(ids(text, hi)[0]).toBe(1);
  expect(text.stopIds.has(2)).toBe(true);
  // A config that lists its added tokens is complete; the other files are ignored.
  const newer = await load({ ...files, 'tokenizer_config.json': { added_tokens_decoder: {} } });
  expect([count(ids(newer, hi), 1), newer.stopIds.has(2)]).toEqual([0, false]);
});

test('an end token that the tokenizer appends does not end the prompt', async () => {
  const text = await load({
    'tokenizer.json': { ...json, post_processor: bosAndEos },
    'tokenizer_config.json': specials,
  });
  expect(ids(text, { text: 'Hi' }).at(-1)).not.toBe(2);
});

test('ids are used unchanged', async () => {
  const text = await load({
    'tokenizer.json': { ...json, post_processor: bosFirst },
    'tokenizer_config.json': specials,
  });
  expect(ids(text, { ids: [5, 6] })).toEqual([5, 6]);
});

test('stop ids come from generation_config.json, or config.json without it, the end token, and the end of a turn in the template', async () => {
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

test('the template may be text, a named list, an object or a file; files take precedence; tools use tool_use', async () => {
  const say = async (files: Record<string, unknown>, tools?: object[]) => {
    const text = await load({ 'tokenizer.json': json, ...files });
    return text.readPrompt({ ...hi, tools: tools as Plain[] }).text;
  };
  const list = {
    chat_template: [
      { name: 'tool_use', template: 'T' },
      { name: 'default', template: 'L' },
    ],
  };
  const object = { chat_template: { default: 'D', tool_use: 'U' } };
  expect(await say({ 'tokenizer_config.json': { chat_template: 'C' } })).toBe('C');
  expect(await say({ 'tokenizer_config.json': list })).toBe('L');
  expect(await say({ 'tokenizer_config.json': list }, [])).toBe('T');
  expect(await say({ 'tokenizer_config.json': object })).toBe('D');
  expect(await say({ 'tokenizer_config.json': object }, [{}])).toBe('U');
  expect(await say({ 'tokenizer_config.json': list, 'chat_template.jinja': 'J' })).toBe('J');
  const files = { 'chat_template.jinja': 'J', 'additional_chat_templates/tool_use.jinja': 'A' };
  expect(await say(files)).toBe('J');
  expect(await say(files, [{}])).toBe('A');
  await expect(say({ 'tokenizer_config.json': { chat_template: { rag: 'R', tool_use: 'U' } } })).rejects.toThrow(
    /several chat templates \(rag, tool_use\), none of them "default"/,
  );
  await expect(load({ 'tokenizer.json': json, 'tokenizer_config.json': { chat_template: 5 } })).rejects.toThrow(
    /"chat_template" is neither/,
  );
});

test('a template that cannot be read is refused when it is used; text still works', async () => {
  const text = await load({ 'tokenizer.json': json, 'chat_template.jinja': '{% if %}' });
  expect(text.readPrompt({ text: 'Hi' }).text).toBe('Hi');
  expect(() => text.readPrompt(hi)).toThrow(/cannot be read \(line 1/);
});

test('without a template chat is refused', async () => {
  const text = await load({ 'tokenizer.json': json });
  expect(text.hasChatTemplate).toBe(false);
  expect(() => ids(text, { messages: [{ role: 'user', content: 'x' }] })).toThrow('m: the model has no chat template.');
});

test('a text with a token beyond the vocabulary is refused', async () => {
  const text = await load({ 'tokenizer.json': json }, 4);
  expect(() => ids(text, { text: '<|im_end|>' })).toThrow(/"<\|im_end\|>" \(id 4\), the model knows ids below 4/);
});

test('a folder without a tokenizer accepts ids only', async () => {
  const text = await loadText(openFixture(modelPath('gemma')), 308, () => new Date(2026, 10, 30));
  expect(ids(text, { ids: [3, 4] })).toEqual([3, 4]);
  expect([...text.stopIds]).toEqual([1]);
  expect(text.decodeStream().push(5)).toBe('');
  expect(() => ids(text, { text: 'x' })).toThrow('gemma: the folder has no tokenizer.json.');
  expect(() => text.decode([5])).toThrow(/no tokenizer.json/);
  expect([text.hasTokenizer, text.hasChatTemplate]).toEqual([false, false]);
});

test('a damaged tokenizer.json is refused with its name', async () => {
  await expect(load({ 'tokenizer.json': '{"model":' })).rejects.toThrow(/m\/tokenizer.json: not valid JSON/);
});
