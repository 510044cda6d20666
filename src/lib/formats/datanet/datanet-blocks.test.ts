// Blocks from strangers around a Datanet's rows: descriptions, lists of members, key rings, contributions, reviews. Parsing any
// bytes gives an error, or a value that encodes to the same bytes.

import { encode } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { digester } from '#tests/support/datanets.ts';
import { rawCidOf, type Block } from '../block/block.ts';
import { encodeContribution, parseContribution } from './contribution.ts';
import { encodeAbout, parseAbout } from './datanet-about.ts';
import { encodeKeyRing, parseKeyRing } from './datanet-keys.ts';
import { encodeMembers, parseMembers } from './datanet-members.ts';
import { encodeReview, parseReview } from './review.ts';

const hex = (byte: string, size: number) => `0x${byte.repeat(size)}` as const;
const datanet = `10:${hex('cc', 20)}:7`;
const raw = rawCidOf(digester.sha256(Uint8Array.of(1)));
const members = ['a1', 'b2', 'c3'].map((byte) => ({
  address: hex(byte, 20),
  publicKey: hex(byte, 65),
  signature: hex(byte, 65),
}));
const list = encodeMembers({ datanet, members }, digester);
const shard = { cid: raw, firstKey: 'a', rows: 4, bytes: 90, rowRoot: hex('11', 32) };

interface Format {
  name: string;
  sound: Block;
  again(bytes: Uint8Array): Block;
}
const format = <T>(
  name: string,
  value: T,
  write: (value: T, by: typeof digester) => Block,
  read: (bytes: Uint8Array, file: string) => T,
): Format => ({ name, sound: write(value, digester), again: (bytes) => write(read(bytes, 'It'), digester) });

const FORMATS: Format[] = [
  format(
    'descriptions',
    { name: 'Birds', description: 'Seen.', field: 'nature', members: list.cid },
    encodeAbout,
    parseAbout,
  ),
  format('lists of members', { datanet, members }, encodeMembers, parseMembers),
  format(
    'rings of keys',
    {
      ...{ datanet, contributor: hex('a1', 20), of: raw.toString() },
      wraps: members.map(({ address, publicKey }) => ({ member: address, sent: publicKey, wrapped: hex('77', 48) })),
    },
    encodeKeyRing,
    parseKeyRing,
  ),
  format(
    'contributions',
    {
      ...{ datanet, contributor: hex('a1', 20), stats: { rows: 4, bytes: 90 }, shards: [shard] },
      attachments: [{ cid: raw, bytes: 70 }],
      licence: { spdx: 'CC-BY-4.0', commercial: true, derivative: true },
      ...{ rowRoot: hex('11', 32), createdAt: 1_800_000_000, signature: hex('22', 65) },
    },
    encodeContribution,
    parseContribution,
  ),
  format(
    'reviews',
    {
      ...{ datanet, contribution: hex('33', 32), curator: hex('b2', 20), reasons: ['It is wrong.', 'Said before.'] },
      rejected: [
        { leaf: hex('01', 32), reason: 0, first: null },
        { leaf: hex('02', 32), reason: 1, first: 'bird-1' },
      ],
      ...{ createdAt: 1_800_000_000, signature: null },
    },
    encodeReview,
    parseReview,
  ),
];

/** The bytes that the block's value encodes to; null when it is refused with a PayableError. */
function rewritten({ again }: Format, bytes: Uint8Array): Uint8Array | null {
  try {
    return again(bytes).bytes;
  } catch (error) {
    if (!(error instanceof PayableError)) throw error;
    expect(error.toLine()).toMatch(/^It/);
    return null;
  }
}

describe.each(FORMATS)('$name', (one) => {
  const { sound } = one;
  it('round-trip', () => {
    expect(rewritten(one, sound.bytes)).toEqual(sound.bytes);
  });

  it('with bytes changed, removed or added are refused, or are canonical', () => {
    const change = fc.record({
      at: fc.nat({ max: sound.bytes.length }),
      drop: fc.nat({ max: 4 }),
      put: fc.uint8Array({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let bytes = [...sound.bytes];
        for (const { at, drop, put } of changes) bytes = [...bytes.slice(0, at), ...put, ...bytes.slice(at + drop)];
        const found = rewritten(one, Uint8Array.from(bytes));
        if (found) expect([...found]).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('of anything else are refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void expect(rewritten(one, bytes)).toBeNull()));
    const fields = ['kind', 'datanet', 'members', 'wraps', 'shards', 'rejected', 'stats'];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...fields), fc.jsonValue({ maxDepth: 3 })),
        (value) => void expect(rewritten(one, encode(value))).toBeNull(),
      ),
    );
    expect(rewritten(one, new Uint8Array(3 << 20))).toBeNull();
    expect(rewritten(one, new Uint8Array(100_000).fill(0x81))).toBeNull();
  });
});
