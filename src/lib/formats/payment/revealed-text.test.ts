// A revealed text has one hash by side, salt, tokens and text; the file of it is checked field by field.

import { expect, it } from 'vitest';
import { encodeRevealed, hashRevealed, parseRevealed, type RevealedText } from './revealed-text.ts';

const salt = `0x${'5a'.repeat(32)}` as const;
const input: RevealedText = { salt, text: 'Why? 🐦', tokens: [1, 65_536] };

it('question and answer have hashes of their own, and each part of a text counts', () => {
  const others: RevealedText[] = [
    { ...input, text: 'Why?' },
    { ...input, tokens: [1] },
    { ...input, tokens: [65_536, 1] },
    { ...input, salt: `0x${'5b'.repeat(32)}` },
    // Tokens and text cannot trade bytes.
    { ...input, tokens: [], text: `\0\0\0\u0001\0\u0001\0\0${input.text}` },
  ];
  const hashes = [
    hashRevealed('input', input),
    hashRevealed('output', input),
    ...others.map((one) => hashRevealed('input', one)),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(() => hashRevealed('input', { ...input, text: '\ud800' })).toThrow('half a character');
});

it('the file gives back what was revealed', () => {
  for (const revealed of [{ input }, { output: input }, { input, output: { ...input, text: '' } }]) {
    expect(parseRevealed(encodeRevealed(revealed), 'it')).toEqual(revealed);
  }
});

it.each<[string, object, RegExp]>([
  ['another kind', { kind: 'x' }, /is not payable\/revealed-answer/],
  ['nothing', { input: undefined }, /neither/],
  ['a field more', { note: 1 }, /"note" is not known/],
  ['a list for a text', { input: [] }, /"input" is not an object/],
  ['a short salt', { input: { ...input, salt: '0x12' } }, /"input\.salt"/],
  ['half a character', { input: { ...input, text: '\udc00' } }, /"input\.text"/],
  ['tokens below zero', { input: { ...input, tokens: [-1] } }, /"input\.tokens"/],
  ['too many tokens', { input: { ...input, tokens: new Array(2 ** 20 + 1).fill(0) } }, /"input\.tokens"/],
])('a file with %s is refused by name', (_what, change, words) => {
  const source = JSON.stringify({ ...(JSON.parse(encodeRevealed({ input })) as object), ...change });
  expect(() => parseRevealed(source, 'it')).toThrow(words);
});
