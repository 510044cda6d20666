// The matcher without backtracking agrees with RegExp on common patterns, and stays fast on patterns where RegExp does not.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePattern } from './safe-pattern.ts';

const atom = fc.constantFrom('a', 'b', '.', '\\.', '[ab]', '[^a]', '\\d', '\\w', '[a-c1]');
const pattern = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    fc.tuple(atom, fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '*?')).map(([a, r]) => a + r),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `${String(a)}${String(b)}`),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(${String(a)}|${String(b)})`),
    fc.tuple(tie('node'), fc.constantFrom('*', '+', '?', '{1,3}')).map(([a, r]) => `(?:${String(a)})${r}`),
  ),
})).node;

test('agrees with RegExp', () => {
  fc.assert(
    fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '.'), maxLength: 8 }), (p, text) => {
      expect(compilePattern(p)(text)).toBe(new RegExp(`^(?:${p})$`).test(text));
    }),
    { numRuns: 2000 },
  );
});

test('a pattern with catastrophic backtracking is matched at once', () => {
  expect(compilePattern('(.*\\.)?((a+)+)+b')('a'.repeat(400))).toBe(false);
});

test('anchors hold at the ends only', () => {
  expect(compilePattern('^a$')('a')).toBe(true);
  expect(compilePattern('a^b')('ab')).toBe(false);
  expect(compilePattern('(^|.*\\.)a')('x.a')).toBe(true);
});

test.each([
  ['(?=a)', /starts with "\(\?"/],
  ['(?P<n>a)', /starts with "\(\?"/],
  ['(a)\\1', /"\\1", which is not accepted/],
  ['a\\b', /"\\b"/],
  ['(a', /closes nowhere/],
  ['a)', /opens nowhere/],
  ['[a', /closes nowhere/],
  ['[b-a]', /range "b-a"/],
  ['*a', /repeats nothing/],
  ['a**', /repeats a repeat/],
  ['a{3,1}', /runs backwards/],
  ['a\\', /ends in a backslash/],
  ['(((a{99}){99}){99}){99}', /repeats too much/],
  ['('.repeat(40), /more than 32 groups/],
  ['a'.repeat(600), /longer than 512/],
])('%s is refused', (bad, message) => {
  expect(() => compilePattern(bad)).toThrow(message);
});
