// A folder's weight files as one index: whole, sharded, broken.

import { expect, test } from 'vitest';
import { createMemoryFolder } from '../memory-folder.ts';
import { readTensorIndex } from './model-files.ts';
import { encodeSafetensors } from './safetensors.ts';

const tensor = (name: string, n = 2) => ({ name, dtype: 'F32' as const, shape: [n], data: new Float32Array(n) });
const shard = (...names: string[]) => encodeSafetensors(names.map((name) => tensor(name)));
const indexOf = (map: Record<string, unknown>) => JSON.stringify({ metadata: {}, weight_map: map });
const read = (files: Record<string, Uint8Array | string>) =>
  readTensorIndex(createMemoryFolder('m', new Map(Object.entries(files))));

test('one file', async () => {
  const index = await read({ 'model.safetensors': shard('a', 'b') });
  expect([...index.keys()]).toEqual(['a', 'b']);
  expect(index.get('b')).toMatchObject({ file: 'model.safetensors', shape: [2] });
});

test('shards', async () => {
  const index = await read({
    'model.safetensors.index.json': indexOf({ a: 's1.safetensors', b: 's2.safetensors' }),
    's1.safetensors': shard('a'),
    's2.safetensors': shard('b'),
  });
  expect([...index].map(([name, { file }]) => [name, file])).toEqual([
    ['a', 's1.safetensors'],
    ['b', 's2.safetensors'],
  ]);
});

test.each<[string, Record<string, string>, Record<string, string[]>, Record<string, string>]>([
  ['names a tensor that no shard has', { a: 's1', b: 's1' }, { s1: ['a'] }, { a: 's1' }],
  ['names the wrong shard', { a: 's2', b: 's1' }, { s1: ['a'], s2: ['b'] }, { a: 's1', b: 's2' }],
  ['leaves a tensor out', { a: 's1' }, { s1: ['a', 'b'] }, { a: 's1', b: 's1' }],
  ['has a tensor in two shards', { a: 's1', b: 's2' }, { s1: ['a', 'b'], s2: ['b'] }, { a: 's1', b: 's2' }],
  [
    'names shards with spaces',
    { a: 'shard 1', b: 'shard (2)' },
    { 'shard 1': ['a'], 'shard (2)': ['b'] },
    { a: 'shard 1', b: 'shard (2)' },
  ],
])('an index that %s: the shards’ content counts', async (_, map, shards, expected) => {
  const withEnding = (names: Record<string, string>) =>
    Object.fromEntries(Object.entries(names).map(([name, file]) => [name, `${file}.safetensors`]));
  const files = Object.entries(shards).map(([file, names]) => [`${file}.safetensors`, shard(...names)]);
  const index = await read({
    'model.safetensors.index.json': indexOf(withEnding(map)),
    ...(Object.fromEntries(files) as Record<string, Uint8Array>),
  });
  expect(Object.fromEntries([...index].map(([name, { file }]) => [name, file]))).toEqual(withEnding(expected));
});

test.each<[string, Record<string, Uint8Array | string>, RegExp]>([
  ['nothing', {}, /there is no file "model.safetensors"/],
  [
    'a missing shard',
    { 'model.safetensors.index.json': indexOf({ a: 's1.safetensors' }) },
    /there is no file "s1.safetensors"/,
  ],
  [
    'a truncated shard',
    { 'model.safetensors.index.json': indexOf({ a: 's1.safetensors' }), 's1.safetensors': shard('a').slice(0, -3) },
    /only .* bytes/,
  ],
  [
    'a shard of five bytes',
    { 'model.safetensors.index.json': indexOf({ a: 's1.safetensors' }), 's1.safetensors': new Uint8Array(5) },
    /5 bytes/,
  ],
  ['a path that climbs', { 'model.safetensors.index.json': indexOf({ a: '../x.safetensors' }) }, /not a shard file/],
  ['a hidden file', { 'model.safetensors.index.json': indexOf({ a: '.x.safetensors' }) }, /not a shard file/],
  ['a line break', { 'model.safetensors.index.json': indexOf({ a: 'x\ny.safetensors' }) }, /not a shard file/],
  ['no weight map', { 'model.safetensors.index.json': '{}' }, /"weight_map" is missing/],
  ['an empty weight map', { 'model.safetensors.index.json': indexOf({}) }, /names 0 shards/],
])('%s is refused', async (_, files, message) => {
  await expect(read(files)).rejects.toThrow(message);
});
