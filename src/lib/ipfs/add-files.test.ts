// Files and folders get the ids that other implementations give them, and another reader reads them.

import { MemoryBlockstore } from 'blockstore-core';
import { exporter, recursive } from 'ipfs-unixfs-exporter';
import { expect, it, vi } from 'vitest';
import { parseCid } from '#lib/formats/block/block.ts';
import { bytesOf, idsIn, memoryNode, seededBytes, text } from '#tests/support/ipfs-node.ts';
import { addFile, addFolder, type NewFile } from './add-files.ts';
import { listFolder, readFile } from './read-files.ts';

// Real sockets and files, on a machine with other load.
vi.setConfig({ testTimeout: 60_000 });

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz01234567890-_';

/** Names of IPIP-499's directories: all of `length` letters, the last of `lastLength`. */
function names(count: number, length: number, lastLength: number): string[] {
  const [stream] = [...seededBytes(1 << 20, 'hamt-unixfs-v1-2025')];
  let at = 0;
  return Array.from({ length: count }, (_, index) => {
    const size = index === count - 1 ? lastLength : length;
    return Array.from({ length: size }, () => ALPHABET[stream![at++]! % ALPHABET.length]).join('');
  });
}

const x = text('x');
const folderOf = (list: string[]): NewFile[] => list.map((path) => ({ path, content: x }));

// https://specs.ipfs.tech/ipips/ipip-0499/ and test/cli/cid_profiles_test.go of Kubo.
it.each<[string, NewFile['content'], string]>([
  ['hello world', text('hello world'), 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'],
  ['1 MiB', [...seededBytes(2 ** 20, 'chunk-v1-seed')], 'bafkreiacndfy443ter6qr2tmbbdhadvxxheowwf75s6zehscklu6ezxmta'],
  [
    '1 MiB + 1',
    [...seededBytes(2 ** 20 + 1, 'chunk-v1-seed')],
    'bafybeigmix7t42i6jacydtquhet7srwvgpizfg7gjbq7627d35mjomtu64',
  ],
])('gives a file of %s the id of IPIP-499', async (_size, content, id) => {
  expect(String(await addFile(await memoryNode(), content))).toBe(id);
});

it.each<[string, NewFile[], string]>([
  ['no files', [], 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'],
  ['256 KiB', folderOf(names(4766, 11, 21)), 'bafybeic3h7rwruealwxkacabdy45jivq2crwz6bufb5ljwupn36gicplx4'],
  ['one byte more', folderOf(names(4766, 11, 22)), 'bafybeiegvuterwurhdtkikfhbxcldohmxp566vpjdofhzmnhv6o4freidu'],
])('gives a folder of %s the id of IPIP-499', async (_size, files, id) => {
  expect(String(await addFolder(await memoryNode(), files))).toBe(id);
});

it('is read by another implementation, and reads itself', async () => {
  const store = new MemoryBlockstore();
  const node = await memoryNode(store);
  const large = await bytesOf(
    (async function* () {
      yield* seededBytes(2_500_000, 'large');
    })(),
  );
  let taken = 0;
  const root = await addFolder(
    node,
    [
      { path: 'a/b/large.bin', content: large },
      { path: 'a/ä%20#1.txt', content: text('umlaut') },
    ],
    { onProgress: (bytes) => (taken = bytes) },
  );
  expect(taken).toBe(large.length + 6);

  const files: [string, number][] = [];
  for await (const entry of recursive(root, store)) {
    const found = await exporter(entry.cid, store);
    if (found.type === 'file' || found.type === 'raw')
      files.push([entry.path.slice(entry.path.indexOf('/') + 1), Number(found.size)]);
  }
  expect(files.sort()).toEqual([
    ['a/b/large.bin', large.length],
    ['a/ä%20#1.txt', 6],
  ]);

  expect(await bytesOf(readFile(node, root, { path: 'a/b/large.bin' }))).toEqual(large);
  const part = await bytesOf(readFile(node, root, { path: 'a/b/large.bin', offset: 1_048_570, length: 20 }));
  expect(part).toEqual(large.slice(1_048_570, 1_048_590));
  expect(new TextDecoder().decode(await bytesOf(readFile(node, root, { path: 'a/ä%20#1.txt' })))).toBe('umlaut');
  const entries = [];
  for await (const { name } of listFolder(node, root, { path: 'a' })) entries.push(name);
  expect(entries).toEqual(['b', 'ä%20#1.txt']);
});

it.each([
  '../x',
  '/x',
  'a//b',
  'a/../../b',
  '.',
  '',
  'a\\b',
  'a\u0000b',
  'n'.repeat(256),
  'a/'.repeat(80) + 'b',
  '\ud800',
])('refuses the path %j, and keeps nothing', async (path) => {
  const store = new MemoryBlockstore();
  const node = await memoryNode(store);
  const adding = addFolder(node, [
    { path: 'good', content: text('good') },
    { path, content: x },
  ]);
  await expect(adding).rejects.toMatchObject({ code: 'ipfs/bad-path' });
  expect(idsIn(store)).toEqual([]);
});

it('refuses a path that occurs twice', async () => {
  const adding = addFolder(await memoryNode(), folderOf(['a/b', 'a/b']));
  await expect(adding).rejects.toThrow('is there twice');
});

it('stops on abort and keeps nothing', async () => {
  const store = new MemoryBlockstore();
  const node = await memoryNode(store);
  const stop = new AbortController();
  const adding = addFile(node, seededBytes(5 << 20, 'stop'), {
    signal: stop.signal,
    onProgress: (bytes) => bytes > 2 << 20 && stop.abort(),
  });
  await expect(adding).rejects.toMatchObject({ code: 'core/aborted' });
  expect(idsIn(store)).toEqual([]);
});

it('says what is missing, what is no file, and what is too large', async () => {
  const node = await memoryNode();
  const root = await addFolder(node, [{ path: 'f', content: text('12345') }]);
  const read = (options: Parameters<typeof readFile>[2], cid = root) => bytesOf(readFile(node, cid, options));
  await expect(read({ path: 'g' })).rejects.toThrow('there is no "g" in it');
  await expect(read({})).rejects.toThrow('it is no file');
  await expect(read({ path: '../f' })).rejects.toMatchObject({ code: 'ipfs/bad-path' });
  await expect(read({ path: 'f', maxBytes: 4 })).rejects.toMatchObject({ code: 'ipfs/too-large' });
  const nowhere = parseCid('bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e');
  await expect(read({}, nowhere)).rejects.toMatchObject({ code: 'ipfs/block-missing' });
});
