// Converts between sixteen bytes and twelve words (BIP-39, English), with errors that name the word, and derives the account
// (BIP-44, first address).

import { bytesToHex, sha256 } from 'viem';
import { english, mnemonicToAccount, privateKeyToAccount, type PrivateKeyAccount } from 'viem/accounts';
import { BadPhraseError } from './errors.ts';
import type { Bytes } from './seal.ts';

const WORDS = 12;
const ENTROPY_BYTES = 16;
const BITS_PER_WORD = 11;
const CHECK_BITS = 4;
const INDEX = new Map(english.map((word, at) => [word, at]));

/** The checksum: the first bits of the entropy's sha256. */
const checkOf = (entropy: Bytes): number => sha256(entropy, 'bytes')[0]! >> (8 - CHECK_BITS);

export function wordsOf(entropy: Bytes): string[] {
  let bits = (BigInt(bytesToHex(entropy)) << BigInt(CHECK_BITS)) | BigInt(checkOf(entropy));
  const words: string[] = [];
  for (let at = 0; at < WORDS; at++) {
    words.unshift(english[Number(bits & 2047n)]!);
    bits >>= BigInt(BITS_PER_WORD);
  }
  return words;
}

/** Words of the list with the same first letters, which are mostly right in a typing error. */
function suggestionsFor(word: string): string[] {
  const startingWith = (letters: number) => english.filter((known) => known.startsWith(word.slice(0, letters)));
  const near = startingWith(3);
  return (near.length > 0 ? near : startingWith(2)).slice(0, 6);
}

/** The bytes of `text`: twelve words in any case, separated by anything but letters. */
export function entropyOf(text: string): Bytes {
  const words = text
    .slice(0, 1000)
    .normalize('NFKD')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(Boolean);
  let bits = 0n;
  for (const [at, word] of words.entries()) {
    const index = INDEX.get(word);
    if (index === undefined) {
      const near = suggestionsFor(word);
      throw new BadPhraseError(
        `Word ${at + 1}, “${word.slice(0, 20)}”, is not one of the 2,048 words.`,
        near.length > 0 ? `Known words that begin so: ${near.join(', ')}.` : 'Look at it again.',
      );
    }
    bits = (bits << BigInt(BITS_PER_WORD)) | BigInt(index);
  }
  if (words.length !== WORDS) {
    throw new BadPhraseError(
      `These are ${words.length} words; a backup has ${WORDS}.`,
      'Write them all, in their order, with spaces between.',
    );
  }
  const entropy = new Uint8Array(ENTROPY_BYTES);
  let rest = bits >> BigInt(CHECK_BITS);
  for (let at = ENTROPY_BYTES - 1; at >= 0; at--) {
    entropy[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  if (checkOf(entropy) !== Number(bits & 15n)) {
    throw new BadPhraseError(
      `Every word is known, but together they are no backup: word ${WORDS}, “${words[WORDS - 1]}”, does not check the others.`,
      'One word is another one than was written down, or two changed places.',
    );
  }
  return entropy;
}

/** The account at m/44'/60'/0'/0/0, which other wallets derive from the same words. */
export function accountOf(entropy: Bytes): PrivateKeyAccount {
  const key = mnemonicToAccount(wordsOf(entropy).join(' ')).getHdKey().privateKey!;
  const account = privateKeyToAccount(bytesToHex(key));
  key.fill(0);
  return account;
}
