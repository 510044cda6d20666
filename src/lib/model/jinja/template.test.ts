// Templates of every kind compared with Jinja's output, set up like transformers; and templates that would never end.

import { expect, test } from 'vitest';
import golden from '#tests/fixtures/jinja.json' with { type: 'json' };
import type { Plain } from '#lib/formats/json/exact-json.ts';
import { TemplateFailure } from './failure.ts';
import { compileTemplate } from './template.ts';

const today = () => new Date(2026, 10, 30, 9, 5, 7);
const render = (template: string, variables: Record<string, Plain> = {}) =>
  compileTemplate(template).render(variables, today);

test.each(golden.cases as [string, string | null][])('%s', (template, text) => {
  if (text === null) expect(() => render(template, golden.variables)).toThrow(TemplateFailure);
  else expect(render(template, golden.variables)).toBe(text);
});

/** Jinja's output for white space around tags, with \r\n and other line ends in the template. */
test.each([
  ['a\r\nb\rc\n', 'a\nb\nc'],
  ['a\n\n', 'a\n'],
  ['  {% if true %}\n  x\n  {% endif %}\ny', '  x\ny'],
  ['  {%+ if true %}x{% endif +%}\ny', '  x\ny'],
  ['a\n  {%- if true -%}\n  x\n{%- endif %}\n', 'ax'],
  ['a  {# c #}\nb\n  {# d #}\nc', 'a  b\nc'],
  ['  {{ 1 }}\n  {{- 2 -}}  \n3', '  123'],
  ["{{ 'a\r\nb' }}", 'a\nb'],
  ['{% raw %}\n {{ x }}\n{% endraw %}\nb', '\n {{ x }}\nb'],
])('white space of %j', (template, text) => {
  expect(render(template)).toBe(text);
});

test('numbers come in as JSON has them: 1 is an int, a boxed 1 a float, a bigint exact', () => {
  const variables = { x: [1, Object(1) as Plain, 0.5, 12345678901234567890n, Object(1e16) as Plain, -0] };
  expect(render('{{ x }} {{ x | tojson }}', variables)).toBe(
    '[1, 1.0, 0.5, 12345678901234567890, 1e+16, 0] [1, 1.0, 0.5, 12345678901234567890, 1e+16, 0]',
  );
  const map = new Map<string, Plain>([
    ['b', 1],
    ['10', 2],
    ['2', 3],
  ]);
  expect(render('{{ x | tojson }}', { x: map })).toBe('{"b": 1, "10": 2, "2": 3}');
});

test('a failure names its kind and line', () => {
  const failure = (template: string) => {
    try {
      render(template);
    } catch (error) {
      if (error instanceof TemplateFailure) return { kind: error.kind, line: error.line, message: error.message };
    }
    return null;
  };
  expect(failure("a\n{% if true %}\n{{ 'a' + 1 }}{% endif %}")).toEqual({
    kind: 'TypeError',
    line: 3,
    message: 'can only concatenate str (not "int") to str',
  });
  expect(failure('\n{{ x.y }}')).toEqual({ kind: 'UndefinedError', line: 2, message: "'x' is undefined" });
  expect(failure("{{ raise_exception('No.') }}")).toMatchObject({ kind: 'TemplateError', message: 'No.' });
  expect(failure('{{ 1 | random }}')).toMatchObject({ kind: 'NotOffered' });
  expect(failure('\n\n{{ 1 +')).toMatchObject({ kind: 'TemplateSyntaxError', line: 3 });
});

const doubling = (first: string) => `{% set ns = namespace(a=${first}) %}${'{% set ns.a = ns.a + ns.a %}'.repeat(60)}`;

test.each([
  ['nested loops', '{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}', /steps/],
  ['a huge range', '{{ range(1000000000) }}', /Range too big/],
  ['a doubling list', doubling('[1]'), /list of more/],
  ['a doubling text', doubling("'xx'"), /text of more/],
  ['a repeated text', "{{ 'x' * 10 ** 12 }}", /text of more/],
  ['a repeated list', '{{ [1] * 10 ** 12 }}', /list of more/],
  ['a power of powers', '{{ 9 ** (9 ** 9) }}', /digits/],
  [
    'a growing product',
    '{% set ns = namespace(a=9) %}{% for i in range(99) %}{% set ns.a = ns.a * ns.a %}{% endfor %}',
    /digits/,
  ],
  ['a macro that calls itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', /recursion depth/],
  [
    'a macro that calls itself twice',
    '{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(99) }}',
    /steps/,
  ],
  ['a wide indent', "{{ 'a\nb' | indent(900000000) }}", /text of more/],
  ['a wide field', "{{ '%999999999d' % 1 }}", /text of more/],
  ['a wide format', "{{ '{:>999999999}'.format(1) }}", /text of more/],
  ['a search for a long text', "{% set a = 'a' * 9000000 %}{{ (a ~ 'b') in (a ~ a) }}", /steps/],
  ['a deep expression', `{{ ${'('.repeat(9999)}1${')'.repeat(9999)} }}`, /nested/],
  ['a long chain', `{{ 1${' + 1'.repeat(50_000)} }}`, /recursion depth/],
  [
    'a list within lists',
    '{% set ns = namespace(a=[]) %}{% for i in range(99999) %}{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a }}',
    /recursion depth/,
  ],
  ['a prototype', "{{ x['__proto__']['constructor']('return 1')() }}", /unsafe|undefined/],
])('%s ends', (_, template, message) => {
  expect(() => render(template, { x: {} })).toThrow(message);
});

test('a conversation of 9,999 messages and numbers beyond a million are rendered', () => {
  const messages = Array.from({ length: 9999 }, (_, i) => ({ role: i % 2 ? 'assistant' : 'user', content: `${i}` }));
  const template = '{% for m in messages %}{{ loop.index * 1000 }}{{ m.role }}{{ m.content | trim }}{% endfor %}';
  const text = render(template, { messages });
  expect(text.startsWith('1000user02000assistant1')).toBe(true);
  expect(text.endsWith('9999000user9998')).toBe(true);
});
