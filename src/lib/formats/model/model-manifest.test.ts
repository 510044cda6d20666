// Manifests of registered models: what is written is read, and a hostile one is refused with the field that is wrong.

import { encode } from '@ipld/dag-cbor';
import { CID } from 'multiformats/cid';
import { expect, it } from 'vitest';
import { createDigester } from '#lib/core/digester.ts';
import { encodeModelManifest, parseModelManifest } from './model-manifest.ts';

const digester = await createDigester();
const files = CID.parse('bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi');
const manifest = { name: 'Birds', description: 'Names birds.\nIn two lines.', files };

it('reads what it writes', () => {
  const { bytes } = encodeModelManifest(manifest, digester);
  expect(parseModelManifest(bytes, 'm')).toEqual(manifest);
});

const record = { kind: 'model/manifest@1', ...manifest };
it.each([
  ['another kind', { ...record, kind: 'datanet/about@1' }, 'it is not a model/manifest@1'],
  ['no files', { kind: record.kind, name: 'Birds', description: '' }, 'no field "files"'],
  ['files that are a record', { ...record, files: CID.createV1(0x71, files.multihash) }, '"files"'],
  ['an unknown field', { ...record, run: 'me' }, '"run"'],
  ['an empty name', { ...record, name: '' }, '"name" is empty'],
  ['a name of two lines', { ...record, name: 'Birds\nmore' }, 'not shown'],
  ['a name that turns the direction of text', { ...record, name: 'a\u202Eb' }, 'not shown'],
  ['a name that is too long', { ...record, name: 'x'.repeat(101) }, '"name"'],
  ['a description that is too long', { ...record, description: 'x'.repeat(2001) }, '"description"'],
])('refuses %s', (_, value, words) => {
  expect(() => parseModelManifest(encode(value), 'm')).toThrow(words);
});

it('refuses bytes that are too many, none, or no dag-cbor', () => {
  expect(() => parseModelManifest(new Uint8Array(20_000), 'm')).toThrow('20000 bytes');
  expect(() => parseModelManifest(new Uint8Array(), 'm')).toThrow('empty');
  expect(() => parseModelManifest(new Uint8Array([0xff]), 'm')).toThrow('dag-cbor');
});
