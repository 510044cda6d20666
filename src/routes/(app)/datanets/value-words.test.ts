// Fields of rows as text: shorter where that loses nothing.

import { expect, it } from 'vitest';
import { valueWords } from './value-words.ts';

it('texts stay, conversations are read out, all else is JSON', () => {
  expect(valueWords('as it is')).toBe('as it is');
  expect(valueWords(undefined)).toBe('');
  expect(valueWords(false)).toBe('false');
  const asked = { role: 'user', content: 'How much?' };
  expect(valueWords([asked, { role: 'assistant', content: '7 ml' }])).toBe('user: How much?\nassistant: 7 ml');
});

it('a message that says more than its role and content is shown whole', () => {
  const call = { id: 'c', function: { name: 'find' } };
  const parts = [{ type: 'text', text: 'Hi' }];
  const list = [
    { role: 'user', content: parts, name: 'Ada' },
    { role: 'assistant', content: null, tool_calls: [call], weight: 0 },
  ];
  expect(valueWords(list)).toBe(
    `user: ${JSON.stringify(parts)}\n  name: Ada\nassistant: \n  tool_calls: ${JSON.stringify([call])}\n  weight: 0`,
  );
  for (const other of [[], [null], [{ role: 'user' }], [{ role: 1, content: 'x' }], null, { a: 1 }]) {
    expect(JSON.parse(valueWords(other))).toEqual(other);
  }
});

it('pictures are a line each, with all that is said of them', () => {
  const picture = { cid: 'bafk', name: 'a.png', bytes: 70, mediaType: 'image/png', width: 1, height: 2 };
  expect(valueWords([picture])).toBe('a.png, 1 × 2, image/png, 70 bytes, bafk');
  expect(valueWords([{ cid: 'bafk' }, { cid: 'bafy' }])).toBe('bafk\nbafy');
  for (const other of [[{ ...picture, by: 'ada' }], [{ ...picture, width: '1' }], [{ cid: 7 }]]) {
    expect(JSON.parse(valueWords(other))).toEqual(other);
  }
});

it('what is sealed is said, not shown', () => {
  const ring = 'bafyreifzk45s7i75taieqka4xlaqkvlmuwxfugjjvsboxtnxwftawjceve';
  expect(valueWords({ ring, box: 'AAAA' })).toBe('sealed, for members');
  expect(valueWords({ ring: 'x', box: 'AAAA' })).not.toBe('sealed, for members');
});
