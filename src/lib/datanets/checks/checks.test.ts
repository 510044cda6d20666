// Checks before rows are contributed: private data, schema, licence, language, lengths.

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { findLicence } from '#lib/formats/datanet/licences.ts';
import { rowLicence } from '#lib/formats/datanet/row-licence.ts';
import { isIban, isLuhn } from './check-digits.ts';
import { licenceConflicts } from './check-licence.ts';
import { createSchemaCheck } from './check-schema.ts';
import { findPrivate } from './find-private.ts';
import { createLanguageDetector } from './language.ts';
import { createStatisticsCounter } from './row-statistics.ts';

describe('private data', () => {
  test.each([
    ['e-mail', 'write to jane.doe+x@mail.example.com now', null],
    ['e-mail', 'write to jane.doe+x@firm-mail.co.uk, now', 'jan…uk'],
    ['e-mail', 'nobody@example.com', null],
    ['e-mail', 'a @ b.com and @handle and a@b', null],
    ['phone', 'call +49 (0)30 1234-5678 today', '+49…78'],
    ['phone', 'call (030) 1234 5678', '(03…78'],
    ['phone', 'call 555-123-4567.', '555…67'],
    ['phone', 'on 2024-05-17 10:20 and 17.05.2024', null],
    ['phone', 'part 12345678, 3.14159265, 100 200', null],
    ['e-mail', 'Mail jörg@müller.de', 'jör…de'],
    ['e-mail', 'mail anna (at) firma (dot) de', 'ann…de'],
    ['e-mail', 'meet (at) noon. Then (dot) the i', null],
    ['phone', 'Appelle le 06 12 34 56 78', '06 …78'],
    ['phone', '06.12.34.56.78', '06.…78'],
    ['phone', 'Tel +49\u00a030\u202f901820', '+49…20'],
    ['phone', 'Call 555\u2013123\u20114567 now', '555…67'],
    ['phone', 'call 0170/1234567', '017…67'],
    ['phone', 'on 01.02.2024 10:20, at 12.03.81 14', null],
    ['card', 'card 4111.1111.1111.1111', '411…11'],
    ['card', 'card 4111 1111 1111 1111!', '411…11'],
    ['card', 'card 4111 1111 1111 1112', null],
    ['card', 'id 5500005555555559', '550…59'],
    ['card', 'amex 378282246310005', '378…05'],
    ['bank account', 'IBAN DE89 3704 0044 0532 0130 00.', 'DE8…00'],
    ['bank account', 'IBAN DE88 3704 0044 0532 0130 00.', null],
    ['bank account', 'GB29NWBK60161331926819', 'GB2…19'],
    ['bank account', 'iban de89 3704 0044 0532 0130 00 now', 'de8…00'],
    ['social security', 'SSN 123-45-6789', '123…89'],
    ['social security', 'no 000-45-6789', null],
    ['social security', 'SSN 123 45 6789', '123…89'],
    ['social security', 'total 123 45 6789', null],
    ['ip address', 'from 2a00:1450:4001:81b::200e', '2a0…0e'],
    ['ip address', '2001:db8::1, fe80::1, ::1, at 10:20:30, std::vector, a::b', null],
    ['ip address', 'from 93.184.216.34', '93.…34'],
    ['ip address', 'from 192.168.1.20, 127.0.0.1, version 1.2.3.4, 300.1.1.1', null],
    ['key', '-----BEGIN RSA PRIVATE KEY-----', '---…--'],
    ['key', '-----BEGIN PUBLIC KEY-----', null],
    ['key', 'AKIAIOSFODNN7EXAMPLE', 'AKI…LE'],
    ['key', `token ghp_${'a1B2'.repeat(9)}`, 'ghp…B2'],
    ['key', `sk-proj-${'aB3_'.repeat(10)}`, 'sk-…3_'],
    ['key', `private key: 0x${'ab12'.repeat(16)}`, '0xa…12'],
    ['key', `bot 123456789:AA${'aB3_x'.repeat(7).slice(0, 33)}`, '123…B3'],
    ['key', `gsk_${'aB3d'.repeat(13)}`, 'gsk…3d'],
    ['key', 'aws wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJa…EY'],
    ['key', 'sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709', null],
    ['password', 'aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCY', 'sec…CY'],
    ['password', 'postgres://bob:hunter22@db.firm.org/x', 'pos…rg'],
    ['password', 'postgres://user:password@localhost/x', null],
    ['key', `hash 0x${'ab12'.repeat(16)}`, null],
    ['key', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${'aB3_'.repeat(8)}`, 'eyJ…3_'],
    ['password', 'password: "Tr0ub4dor&3"', 'pas…&3'],
    ['password', 'the password: changing it regularly', null],
    ['password', 'api_key = <your-key-here>', null],
  ] as const)('%s in "%s"', (kind, text, excerpt) => {
    const found = findPrivate(text).filter((one) => one.kind === kind);
    expect(found.map((one) => one.excerpt)).toEqual(excerpt === null ? [] : [excerpt]);
  });

  it('are found once each, in their order, and never shown whole', () => {
    const text = 'a@firm.org, +4915112345678; b@firm.org. 4111111111111111';
    const found = findPrivate(text);
    expect(found.map(({ kind }) => kind)).toEqual(['e-mail', 'phone', 'e-mail', 'card']);
    for (const { start, end, excerpt } of found) expect(text.slice(start, end)).not.toBe(excerpt);
  });

  it('take no longer than the text is long', () => {
    for (const text of [
      'a'.repeat(1e5),
      '1 '.repeat(1e5),
      'a@'.repeat(1e5),
      'a.'.repeat(1e5),
      '+1-'.repeat(1e5),
      'AB12 '.repeat(4e4),
      'eyJ'.repeat(5e4),
      'password = '.repeat(2e4),
      '1.'.repeat(1e5),
      `x@${'a.'.repeat(1e5)}`,
    ]) {
      const began = performance.now();
      findPrivate(text);
      expect(performance.now() - began).toBeLessThan(3000);
    }
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('0123456789aAB+@.-_ ()=:"eyJ/')), maxLength: 400 }),
        (text) => void findPrivate(text),
      ),
    );
  });

  it('check digits', () => {
    expect(['79927398713', '4111111111111111', '0'].map(isLuhn)).toEqual([true, true, true]);
    expect(['79927398710', '', '1'].map(isLuhn)).toEqual([false, false, false]);
    expect(['GB82WEST12345698765432', 'NO9386011117947', 'MT84MALT011000012345MTLCAST001S'].map(isIban)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['GB82WEST12345698765433', 'ZZ82WEST12345698765432', 'NO938601111794', ''].map(isIban)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('a schema', () => {
  const check = createSchemaCheck(
    {
      type: 'object',
      required: ['text'],
      properties: { text: { type: 'string', minLength: 2 }, n: { type: 'integer' } },
    },
    'schema.json',
  );

  it('says what does not fit, and where', () => {
    expect(check({ text: 'ab', n: 1 })).toBeNull();
    expect(check({ n: 1 })).toMatch(/required.*text/);
    expect(check({ text: 'a' })).toMatch(/#\/text: .*too short/);
    expect(check({ text: 'ab', n: 1.5 })).toMatch(/#\/n/);
  });

  it.each([
    [{ pattern: '(a+)+$' }, /uses "pattern"/],
    [{ properties: { a: { patternProperties: { '(a+)+': {} } } } }, /uses "patternProperties"/],
    [{ description: 'x'.repeat(300_000) }, /longer than/],
    [{ $ref: 'https://example.org/schema' }, null],
    [{ $ref: '#' }, null],
  ])('from a stranger is refused or harmless: %j', (schema, message) => {
    if (message) expect(() => createSchemaCheck(schema, 's')).toThrow(message);
    else expect(createSchemaCheck(schema, 's')({ text: 'a' })).toMatch(/cannot be applied/);
  });

  it('may have fields called pattern', () => {
    expect(createSchemaCheck({ properties: { pattern: { type: 'string' } } }, 's')({ pattern: 'x' })).toBeNull();
  });
});

it('licences: rows must allow every use that the Datanet allows', () => {
  const [free, nc, nd] = ['CC-BY-4.0', 'CC-BY-NC-4.0', 'CC-BY-ND-4.0'].map((spdx) => findLicence(spdx)!);
  expect(licenceConflicts(nc!, free!)).toEqual(['commercial']);
  expect(licenceConflicts(nd!, free!)).toEqual(['derivative']);
  expect(licenceConflicts(free!, nc!)).toEqual([]);
  expect([rowLicence('MIT'), rowLicence(' '), rowLicence(3), rowLicence('mine')]).toEqual([
    findLicence('MIT'),
    null,
    null,
    'mine',
  ]);
});

it('languages and lengths are counted', async () => {
  const counter = createStatisticsCounter(await createLanguageDetector());
  const texts = [
    ...Array<string>(6).fill('The engine of the press runs through the night and is cleaned in the morning.'),
    ...Array<string>(3).fill('Die Maschine läuft die ganze Nacht und wird am Morgen gereinigt und geprüft.'),
    'ok',
  ];
  for (const text of texts) counter.add({ text });
  counter.add({
    messages: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ],
  });
  expect(counter.statistics()).toEqual({
    rows: 11,
    chars: {
      min: 2,
      max: 77,
      mean: expect.closeTo(63, -1) as number,
      median: expect.closeTo(76, -1) as number,
      p95: 77,
    },
    messages: { rows: 1, min: 3, max: 3, mean: 3 },
    languages: { looked: 11, count: { en: 6, de: 3, und: 2 } },
  });
  expect(createStatisticsCounter(() => null).statistics().chars).toEqual({
    min: 0,
    max: 0,
    mean: 0,
    median: 0,
    p95: 0,
  });
});
