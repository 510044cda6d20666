// Words and bytes: the published vectors of BIP-39 and BIP-32, and errors that name the word.

import fc from 'fast-check';
import { bytesToHex, hexToBytes } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { accountOf, entropyOf, wordsOf } from './phrase.ts';

const VECTORS = [
  ['00000000000000000000000000000000', `${'abandon '.repeat(11)}about`],
  ['7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f', 'legal winner thank year wave sausage worth useful legal winner thank yellow'],
  [
    '80808080808080808080808080808080',
    'letter advice cage absurd amount doctor acoustic avoid letter advice cage above',
  ],
  ['ffffffffffffffffffffffffffffffff', `${'zoo '.repeat(11)}wrong`],
] as const;
const bytes = (hex: string) => new Uint8Array(hexToBytes(`0x${hex}`));

describe('twelve words', () => {
  it.each(VECTORS)('%s are those of the standard', (hex, phrase) => {
    expect(wordsOf(bytes(hex)).join(' ')).toBe(phrase);
    expect(bytesToHex(entropyOf(phrase))).toBe(`0x${hex}`);
  });

  it('round-trip for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (raw) => {
        const entropy = new Uint8Array(raw);
        expect(entropyOf(wordsOf(entropy).join(' '))).toEqual(entropy);
      }),
    );
  });

  it('give the same account as in other wallets', () => {
    const phrase = 'test test test test test test test test test test test junk';
    expect(accountOf(entropyOf(phrase)).address).toBe('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266');
    expect(accountOf(bytes(VECTORS[1][0])).address).toBe(mnemonicToAccount(VECTORS[1][1]).address);
  });

  it('may be numbered, in capitals, on lines', () => {
    const numbered = VECTORS[1][1].split(' ').map((word, at) => `${at + 1}. ${word.toUpperCase()}`);
    expect(bytesToHex(entropyOf(numbered.join('\n')))).toBe(`0x${VECTORS[1][0]}`);
  });
});

describe('wrong words', () => {
  it('are named with their position and similar words', () => {
    expect(() => entropyOf('legal winer thank')).toThrow('Word 2, “winer”, is not one of the 2,048 words.');
    expect(() => entropyOf('legal winer thank')).toThrow(
      expect.objectContaining({ hint: 'Known words that begin so: win, window, wine, wing, wink, winner.' }),
    );
  });
  it('are counted', () => {
    expect(() => entropyOf('')).toThrow('These are 0 words; a backup has 12.');
    expect(() => entropyOf('legal winner')).toThrow('These are 2 words; a backup has 12.');
  });
  it('must match the checksum', () => {
    const swapped = VECTORS[1][1].replace('legal winner thank', 'winner legal thank');
    expect(() => entropyOf(swapped)).toThrow('word 12, “yellow”, does not check the others');
  });
  it('a megabyte of them is refused quickly', () => {
    expect(() => entropyOf('zoo '.repeat(300_000))).toThrow('a backup has 12');
  });
});
