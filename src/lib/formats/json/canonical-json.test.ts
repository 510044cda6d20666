// RFC 8785 by its own examples, and input without a canonical form.

import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { canonicalText, parseCanonical } from './canonical-json.ts';

const text = (source: string): string => parseCanonical(source, 'row').text;

describe('the examples of RFC 8785', () => {
  it('section 3.2.2: literals, numbers and strings', () => {
    const source = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(text(source)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('section 3.2.3: fields by their UTF-16 units', () => {
    const source = String.raw`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`;
    expect(Object.values(JSON.parse(source) as object)).toHaveLength(7);
    expect([...text(source).matchAll(/:(\d)/g)].map(([, n]) => Number(n))).toEqual([2, 4, 6, 7, 1, 5, 3]);
  });

  test.each([
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('appendix B: %s is %s', (hex, expected) => {
    const number = new DataView(Uint8Array.from(Buffer.from(hex, 'hex')).buffer).getFloat64(0);
    expect(canonicalText({ n: number }, 'row')).toBe(`{"n":${expected}}`);
    expect(text(`{"n":${number.toExponential(20)}}`)).toBe(`{"n":${expected}}`);
  });
});

describe('the fast path and the library', () => {
  const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toJSON', '10', '9', 'a', 'constructor', 'é', '😀'));
  const value = fc.jsonValue({ maxDepth: 4 });

  it('agree on any object', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value), (object) => {
        const source = JSON.stringify(object);
        expect(text(source)).toBe(canonicalize(JSON.parse(source)));
        expect(text(text(source))).toBe(text(source));
      }),
      { numRuns: 500 },
    );
  });

  it('ignore the order and the spaces of the source', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name }), (entries) => {
        const write = (list: typeof entries, gap: string) =>
          `{${gap}${list.map(([name, one]) => `${JSON.stringify(name)}${gap}:${gap}${JSON.stringify(one)}`).join(`${gap},`)}}`;
        expect(text(write([...entries].reverse(), ' \n\t'))).toBe(text(write(entries, '')));
      }),
    );
  });
});

test.each([
  ['two fields of one name', '{"a":1,"b":{"c":1,"c":1}}', /field "c" is there twice/],
  ['the same, written otherwise', String.raw`{"a":1,"\u0061":2}`, /field "a" is there twice/],
  ['the same, with spaces', '{"a" : 1, "a" : 2}', /field "a" is there twice/],
  ['a lone surrogate', String.raw`{"a":"\ud800"}`, /no canonical form \(Lone surrogate/],
  ['a lone surrogate as it is', '{"a":"\ud800"}', /no canonical form \(Lone surrogate/],
  [
    'an integer that would be rounded',
    '{"a":[9007199254740993]}',
    /9007199254740993 would become 9007199254740992 in a row/,
  ],
  [
    'a double that is written with other digits',
    '{"a":169881503650676736}',
    /would become 169881503650676740 in a row/,
  ],
  ['a number beyond all doubles', '{"a":1e400}', /no canonical form \(Infinity/],
  ['a list', '[1]', /not a JSON object/],
  ['a text', '"a"', /not a JSON object/],
  ['no JSON', '{"a":}', /not valid JSON/],
  ['nothing', '', /not valid JSON/],
  ['a hundred thousand levels', `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`, /deeper than 64 levels/],
  ['a hundred thousand lists', `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, /deeper than 64 levels/],
])('refuses %s', (_, source, message) => {
  expect(() => parseCanonical(source, 'rows.jsonl line 3')).toThrow(message);
  expect(() => parseCanonical(source, 'rows.jsonl line 3')).toThrow('rows.jsonl line 3');
});

it('keeps integers whose digits survive, however large, and colons in texts', () => {
  expect(text('{"b":72069996840215140}')).toBe('{"b":72069996840215140}');
  expect(text('{"b":9007199254740992,"a":"x\\": y: 12345678901234567890,"}')).toBe(
    '{"a":"x\\": y: 12345678901234567890,","b":9007199254740992}',
  );
});
