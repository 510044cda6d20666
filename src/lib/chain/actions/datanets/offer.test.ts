import fc from 'fast-check';
import { base64url } from 'multiformats/bases/base64';
import { expect, it } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { offerText, parseOffer, readOffer } from './offer.ts';

const hex = (size: number) =>
  fc.uint8Array({ minLength: size, maxLength: size }).map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);
const terms = fc.record({
  datanet: fc.bigInt({ min: 1n, max: 2n ** 64n }),
  contributor: hex(20),
  content: hex(32),
  rows: fc.integer({ min: 1, max: 2 ** 24 - 1 }),
  rowsRoot: hex(32),
  licence: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  deadline: fc.bigInt({ min: 0n, max: 2n ** 40n }),
});
const registry = `0x${'cc'.repeat(20)}`;

it('round-trips, also with line ends in it, and only for its own Datanet', () => {
  fc.assert(
    fc.property(terms, hex(65), (said, signature) => {
      const name = `10:${registry}:${said.datanet}`;
      const text = offerText(name, { terms: said, signature });
      const expected = { datanet: name, terms: said, signature };
      expect(parseOffer(text)).toEqual(expected);
      expect(readOffer(text.replace(/.{64}/g, '$&\n'), name)).toEqual(expected);
      expect(() => readOffer(text, `10:${registry}:${said.datanet + 1n}`)).toThrow('another Datanet');
    }),
  );
});

it('of anything else gives an error', () => {
  const refused = (text: string) => {
    try {
      parseOffer(text);
      return false;
    } catch (error) {
      if (!(error instanceof PayableError)) throw error;
      return error.message.startsWith('The offer');
    }
  };
  const encoded = (value: unknown) => base64url.encode(new TextEncoder().encode(JSON.stringify(value)));
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => refused(text)));
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => refused(encoded(value))));
  const [said, signature] = fc.sample(fc.tuple(terms, hex(65)), 1)[0]!;
  const sound = JSON.parse(
    new TextDecoder().decode(base64url.decode(offerText(`10:${registry}:${said.datanet}`, { terms: said, signature }))),
  ) as Record<string, unknown>;
  expect(refused(encoded(sound))).toBe(false);
  const wrong = fc.oneof(fc.constant(null), fc.constant(-1), fc.constant(0.5), fc.constant('0x'), fc.constant([]));
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(sound).filter((key) => key !== 'signature')), wrong, (key, value) =>
      refused(encoded({ ...sound, [key]: value })),
    ),
  );
  expect(refused('a'.repeat(1 << 20))).toBe(true);
});
