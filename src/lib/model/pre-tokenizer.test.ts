// Every pre-tokenizer and every flag of added tokens compared with the Rust library, on 3,000 strings each. Both draw the strings
// by the same rule; of the library's results the hash of every 250 is stored.

import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import golden from '#tests/fixtures/tokenizer-cuts.json' with { type: 'json' };
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { createPreTokenizer } from './pre-tokenizer.ts';
import { createTokenizer } from './tokenizer.ts';

interface Kind {
  name: string;
  pre_tokenizer?: JsonObject;
  normalizer?: JsonObject | null;
  added_tokens?: JsonObject[];
  hashes: string[];
}

function drawStrings(count: number): string[] {
  let state = 7;
  const draw = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  return Array.from({ length: count }, () => {
    const parts = 1 + draw(12);
    return Array.from({ length: parts }, () => golden.alphabet[draw(golden.alphabet.length)]!).join('');
  });
}

/** A vocabulary of single bytes, as byte-level tokenizers spell them. */
function byteVocabulary(): Record<string, number> {
  const isPrintable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  let moved = 256;
  const signs = Array.from({ length: 256 }, (_, b) => String.fromCharCode(isPrintable(b) ? b : moved++)).sort();
  return Object.fromEntries(signs.map((sign, id) => [sign, id]));
}

function runner({ pre_tokenizer: cuts, normalizer, added_tokens: added }: Kind): (text: string) => unknown {
  if (cuts) {
    const run = createPreTokenizer(cuts);
    return (text) => run([{ text, opens: true }]).map((piece) => piece.text);
  }
  const json = {
    normalizer,
    added_tokens: added,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: byteVocabulary(), merges: [] },
  };
  const tokenizer = createTokenizer(json, 'm');
  return (text) => tokenizer.encode(text, { addSpecial: false });
}

const strings = drawStrings(3000);

test.each(golden.kinds as unknown as Kind[])('$name', (kind) => {
  const run = runner(kind);
  const hashes = kind.hashes.map((_, part) => {
    const results = strings.slice(part * 250, part * 250 + 250).map(run);
    return createHash('sha256').update(JSON.stringify(results)).digest('hex').slice(0, 12);
  });
  expect(hashes).toEqual(kind.hashes);
});

test.each([
  [{ type: 'UnicodeScripts' }, /"UnicodeScripts" is not supported/],
  [{ type: 'Split', behavior: 'Halved', pattern: { String: 'x' } }, /"Halved" is not known/],
  [{ type: 'Split', behavior: 'Isolated' }, /no pattern/],
  [{ type: 'FixedLength', length: 0 }, /FixedLength/],
  [{ type: 'Sequence' }, /not a list/],
])('%j is refused', (json, message) => {
  expect(() => createPreTokenizer(json)).toThrow(message);
});
