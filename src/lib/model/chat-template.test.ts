// Templates of known families compared with the reference renderer, whole messages, continued messages, and refusals.

import { describe, expect, test } from 'vitest';
import forms from '#tests/fixtures/chat-templates.json' with { type: 'json' };
import type { PayableError } from '#lib/core/errors.ts';
import type { Plain } from '#lib/formats/json/exact-json.ts';
import type { ChatMessage, ChatPrompt } from './chat-message.ts';
import { createChatTemplate } from './chat-template.ts';

interface Form {
  name: string;
  template: string;
  specials: Record<string, string>;
  runs: { messages: ChatMessage[]; text?: string; error?: string }[];
}

const today = () => new Date(2026, 10, 30, 9, 5, 7);

describe.each(forms as Form[])('$name', ({ name, template, specials, runs }) => {
  const chat = createChatTemplate(template, specials, name);
  test.each(runs)('$messages', ({ messages, text, error }) => {
    if (text === undefined) expect(() => chat.render({ messages }, today)).toThrow(error);
    else expect(chat.render({ messages }, today)).toBe(text);
  });
});

const user: ChatMessage[] = [{ role: 'user', content: 'x' }];
const render = (template: string, prompt: Partial<ChatPrompt> = {}) =>
  createChatTemplate(template, { bos_token: '<s>' }, 'm').render({ messages: user, ...prompt }, today);

test('the date comes from the given clock', () => {
  expect(render("{{ strftime_now('%d %b %Y') }}")).toBe('30 Nov 2026');
  expect(render("{{ strftime_now('%d %b %Y') if strftime_now is defined else '26 Jul 2024' }}")).toBe('30 Nov 2026');
});

test('a template gets whole messages of any role', () => {
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: { n: Object(1) as Plain } } };
  const messages: ChatMessage[] = [
    { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
    {
      role: 'assistant',
      content: null,
      tool_calls: [call],
      reasoning_content: 'Hm.',
      name: 'bot',
      odd: { deep: [true] },
    },
    { role: 'tool', tool_call_id: 'c1', content: '' },
  ];
  expect(render('{% for m in messages %}{{ m | tojson }}\n{% endfor %}', { messages })).toBe(
    '{"role": "developer", "content": [{"type": "text", "text": "Be brief."}]}\n' +
      '{"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", ' +
      '"arguments": {"n": 1.0}}}], "reasoning_content": "Hm.", "name": "bot", "odd": {"deep": [true]}}\n' +
      '{"role": "tool", "tool_call_id": "c1", "content": ""}\n',
  );
});

test('tools, documents and variables reach the template; missing ones are None', () => {
  const template = '{{ tools }} {{ documents }} {{ think }} {{ add_generation_prompt }} {{ bos_token }}';
  expect(render(template)).toBe('None None  True <s>');
  const given = { tools: [{ a: 1 }], documents: [], variables: { think: false, bos_token: '<b>' } };
  expect(render(template, { ...given, addGenerationPrompt: false })).toBe("[{'a': 1}] [] False False <b>");
});

test('a continued message ends the prompt exactly, including white space', () => {
  const messages = (content: Plain): ChatMessage[] => [...user, { role: 'assistant', content }];
  const form = (content: string) =>
    `{% for m in messages %}<{{ m.role }}>${content}</>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}`;
  const go = (template: string, content: Plain) =>
    render(template, { messages: messages(content), continueFinalMessage: true });
  expect(go(form('{{ m.content }}'), 'Once ')).toBe('<user>x</><assistant>Once ');
  expect(go(form('{{ m.content | trim }}'), 'Once ')).toBe('<user>x</><assistant>Once');
  const parts = [
    { type: 'text', text: 'a' },
    { type: 'text', text: 'b' },
  ];
  const ofParts = '{{ m.content if m.content is string else m.content | map(attribute="text") | join }}';
  expect(go(form(ofParts), parts)).toBe('<user>x</><assistant>ab');
  expect(parts[1]!.text).toBe('b');
  expect(() => go(form('{{ m.content | upper }}'), 'Once')).toThrow(/does not write the last message as it is/);
  expect(() => go(form('{{ m.content }}'), null)).toThrow(/no text that the template could continue/);
  const both = { messages: messages('a'), continueFinalMessage: true, addGenerationPrompt: true };
  expect(() => render('x', both)).toThrow(/is to be continued and a new one to be begun/);
});

const errorOf = (run: () => unknown): PayableError => {
  try {
    run();
  } catch (error) {
    return error as PayableError;
  }
  throw new Error('it was not refused');
};

test.each<[string, string, Partial<ChatPrompt>, RegExp]>([
  [
    "the template's own rule",
    "{{ raise_exception('Take turns.') }}",
    {},
    /refuses these messages: Take turns\. It is the rule/,
  ],
  [
    'parts where text is wanted',
    "{{ 'a' + messages[0].content }}",
    { messages: [{ role: 'user', content: [] }] },
    /line 1: can only concatenate.* Write the content of message 1 as text/,
  ],
  [
    'no content',
    "{{ 'a' + messages[0].content }}",
    { messages: [{ role: 'user', content: null }] },
    /Give message 1 a "content" of ""/,
  ],
  ['no tools', '{% for t in tools %}{% endfor %}', {}, /'NoneType' object is not iterable.* give it tools/],
  [
    'a tag that is not offered',
    "{% include 'x' %}",
    {},
    /cannot be read \(line 1: the tag "include".* plain text prompt/,
  ],
  ['endless work', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', {}, /does too much.* Shorten/],
  ['a page of template', 'x'.repeat(2_000_000), {}, /2000000 characters/],
  ['no messages', 'x', { messages: [] }, /0 messages/],
  ['a message that is none', 'x', { messages: ['x'] as unknown as ChatMessage[] }, /message 1 has no "role"/],
  ['tools that are none', 'x', { tools: ['f'] }, /tools are not a list of objects/],
  ['a variable that is taken', 'x', { variables: { messages: 1 } }, /variable "messages"/],
])('%s is refused in one line with a remedy', (_, template, prompt, line) => {
  const error = errorOf(() => render(template, prompt));
  expect(error.code).toBe('model/chat-template');
  expect(error.toLine().replaceAll('\n', ' ')).toMatch(line);
});
