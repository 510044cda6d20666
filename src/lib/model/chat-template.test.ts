// The forms of known families against the reference renderer, and templates that would never end.

import { describe, expect, test } from 'vitest';
import forms from '../../../tests/fixtures/chat-templates.json' with { type: 'json' };
import type { ChatMessage } from './chat-message.ts';
import { createChatTemplate } from './chat-template.ts';
import { formatDate } from './template-date.ts';

interface Form {
  name: string;
  template: string;
  specials: Record<string, string>;
  runs: { messages: ChatMessage[]; text?: string; error?: string }[];
}

describe.each(forms as Form[])('$name', ({ name, template, specials, runs }) => {
  const chat = createChatTemplate(template, { specials }, name);
  test.each(runs)('$messages', ({ messages, text, error }) => {
    if (text === undefined) expect(() => chat.render(messages)).toThrow(error);
    else expect(chat.render(messages)).toBe(text);
  });
});

const user: ChatMessage[] = [{ role: 'user', content: 'x' }];
const render = (template: string, today?: () => Date) =>
  createChatTemplate(template, { specials: {}, today }, 'm').render(user);

test('a date is printed from the moment it is given; without one a template sees none', () => {
  const today = () => new Date(Date.UTC(2025, 2, 7, 14, 5));
  expect(render("{{ strftime_now('%d %b %Y') }}", today)).toBe('07 Mar 2025');
  expect(render("{{ strftime_now('%d') if strftime_now is defined else 'none' }}")).toBe('none');
  expect(() => render("{{ strftime_now('%d') }}")).toThrow(/chat template refused/);
  expect(formatDate(today(), '%A %B %-d %H:%M %I%p %y %%')).toBe('Friday March 7 14:05 02PM 25 %');
});

test.each([
  ['an endless loop', '{% for a in range(9000) %}{% for b in range(9000) %}x{% endfor %}{% endfor %}', /steps/],
  ['a huge range', '{{ range(1000000000) }}', /above|list of more/],
  ['a doubling list', `{% set ns = namespace(a=[1]) %}${'{% set ns.a = ns.a + ns.a %}'.repeat(40)}`, /list of more/],
  ['a doubling text', `{% set ns = namespace(a='xx') %}${'{% set ns.a = ns.a + ns.a %}'.repeat(40)}`, /text of more/],
  ['a macro that calls itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', /refused the messages/],
  ['a wide indent', "{{ 'a\nb' | indent(900000000) }}", /number above/],
])('%s ends', (_, template, message) => {
  expect(() => render(template)).toThrow(message);
});

test.each([
  ['an open block', '{% if %}', /cannot be read/],
  ['a page of text', 'x'.repeat(300_000), /300000 characters/],
])('%s is refused', (_, template, message) => {
  expect(() => createChatTemplate(template, { specials: {} }, 'm')).toThrow(message);
});

test.each<[string, unknown, RegExp]>([
  ['no messages', [], /0 messages/],
  ['an unknown role', [{ role: 'tool', content: 'x' }], /message 1 has the role "tool"/],
  ['no content', [{ role: 'user' }], /message 1 has no text/],
])('%s is refused', (_, messages, what) => {
  expect(() => createChatTemplate('x', { specials: {} }, 'm').render(messages as ChatMessage[])).toThrow(what);
});
