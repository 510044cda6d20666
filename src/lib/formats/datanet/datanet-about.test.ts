// The description of a Datanet: round-trips, and other content is refused.

import { encode } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createDigester } from '#lib/core/digester.ts';
import { PayableError } from '#lib/core/errors.ts';
import { ABOUT_CHARS, ABOUT_KIND, encodeAbout, parseAbout } from './datanet-about.ts';
import { cborBlock } from './paged-list.ts';

const digester = await createDigester();
const about = { name: 'Rare birds', description: 'Seen where,\nand when.', field: 'nature' };
const members = cborBlock({}, digester).cid;

it('round-trips, with one content id', () => {
  const block = encodeAbout(about, digester);
  expect(parseAbout(block.bytes, 'x')).toEqual(about);
  expect(parseAbout(encodeAbout({ ...about, members }, digester).bytes, 'x')).toEqual({ ...about, members });
  expect(block.cid.toString()).toBe(encodeAbout({ ...about }, digester).cid.toString());
});

it.each([
  ['name', { ...about, name: '' }],
  ['name', { ...about, name: ' Birds' }],
  ['name', { ...about, name: 'Birds\nBees' }],
  ['name', { ...about, name: 'b'.repeat(ABOUT_CHARS.name + 1) }],
  ['description', { ...about, description: 'd'.repeat(ABOUT_CHARS.description + 1) }],
  ['field', { ...about, field: 'a\tb' }],
  ['members', { ...about, members: 'x' }],
  ['field', { ...about, field: 7 as unknown as string }],
])('a bad %s is named', (field, bad) => {
  expect(() => parseAbout(encode({ kind: ABOUT_KIND, members: null, ...bad }), 'x')).toThrow(new RegExp(`"${field}"`));
});

it('another kind, another field, too much', () => {
  expect(() => parseAbout(encode({ kind: 'datanet/version@1', members: null, ...about }), 'x')).toThrow(
    'it is not a datanet/about@1',
  );
  expect(() => parseAbout(encode({ kind: ABOUT_KIND, members: null, ...about, more: 1 }), 'x')).toThrow('"more"');
  expect(() => parseAbout(new Uint8Array(20_000), 'x')).toThrow('20000 bytes');
});

it('reads any bytes as a description, or refuses them with a PayableError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.anything().map(tryEncode)), (bytes) => {
      try {
        parseAbout(bytes, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(PayableError);
      }
    }),
  );
});

function tryEncode(value: unknown): Uint8Array {
  try {
    return encode(value);
  } catch {
    return new Uint8Array();
  }
}
