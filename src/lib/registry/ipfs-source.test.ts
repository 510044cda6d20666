// Models on IPFS: blocks from gateways of this test, one of which may lie, be busy, or have nothing.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryBlockstore } from 'blockstore-core';
import { beforeAll, expect, it } from 'vitest';
import { createEngine } from '#lib/engine/create-engine.ts';
import { createBlobFolder } from '#lib/files/blob-folder.ts';
import { parseRepo } from '#lib/files/parse-repo.ts';
import { checkModel } from '#lib/flows/check-model.ts';
import { pullModel, type PullModelEvent } from '#lib/flows/pull-model.ts';
import { ggufFolderPath } from '#lib/model/sources/gguf-file.ts';
import { addFile, addFolder } from '#lib/ipfs/add-files.ts';
import type { BlockSource } from '#lib/ipfs/block-source.ts';
import { BlockMissingError, SourceFailedError } from '#lib/ipfs/errors.ts';
import type { IpfsNode } from '#lib/ipfs/node.ts';
import { modelPath, readExpected } from '#tests/support/fixtures.ts';
import { testHost } from '#tests/support/host.ts';
import { memoryNode, seededBytes } from '#tests/support/ipfs-node.ts';
import { createDisk, createMemoryChunkStore, type Disk } from '#tests/support/memory-chunk-store.ts';
import { testTransferHost } from '#tests/support/transfer-host.ts';
import { createIpfsSource } from './ipfs-source.ts';

const bytes = (path: string) => new Uint8Array(readFileSync(path));
const fileOf = (name: string) => bytes(join(modelPath('llama3'), name));
const gguf = bytes('tests/fixtures/formats/qwen3-q.gguf');
const large = [...seededBytes(2_200_000, 'weights')];
let node: IpfsNode;
let model: string;
let single: string;
let weights: string;
let ggufs: string;
/** Ids of the blocks that were requested. */
let requested: string[] = [];

beforeAll(async () => {
  node = await memoryNode(new MemoryBlockstore());
  const names = ['config.json', 'model.safetensors'];
  const files = names.map((path) => ({ path, content: fileOf(path) }));
  model = String(await addFolder(node, [...files, { path: 'README.md', content: new Uint8Array(10) }]));
  single = String(await addFile(node, gguf));
  weights = String(
    await addFolder(node, [
      { path: 'config.json', content: fileOf('config.json') },
      { path: 'model.safetensors', content: large },
    ]),
  );
  ggufs = String(
    await addFolder(node, [
      { path: 'sub/T-Q8_0.gguf', content: gguf },
      { path: 'sub/T-Q4_0.gguf', content: new Uint8Array(4) },
    ]),
  );
});

const gateway = (name = 'gateway'): BlockSource => ({
  name,
  async block(cid) {
    requested.push(cid.toString());
    return node.blocks.read(cid);
  },
});
const failing = (name: string, fail: (cid: string) => Error | null): BlockSource => ({
  name,
  async block(cid) {
    const error = fail(cid.toString());
    if (error) throw error;
    return node.blocks.read(cid);
  },
});

async function pull(name: string, sources: BlockSource[] = [gateway()], disk: Disk = createDisk()) {
  requested = [];
  const host = testTransferHost();
  const source = createIpfsSource({ sources, host });
  const context = { source, now: () => host.now(), openStore: async () => createMemoryChunkStore(disk) };
  const events: PullModelEvent[] = [];
  const { signal } = new AbortController();
  for await (const event of pullModel(context, { repo: parseRepo(name), chunkBytes: 1 << 20 }, { signal }))
    events.push(event);
  return { events, disk, host };
}

it('a folder is fetched by its content id, only what a model needs of it, and the engine computes the golden tokens with it', async () => {
  const { disk, events } = await pull(`ipfs://${model}`);
  expect([...disk.complete.keys()].sort()).toEqual(['config.json', 'model.safetensors']);
  expect(disk.complete.get('model.safetensors')).toEqual(fileOf('model.safetensors'));
  expect(events.at(-1)).toMatchObject({ type: 'pulled', listing: { id: `ipfs:${model}`, commit: model } });
  const { ids, greedy } = readExpected('llama3');
  const files = [...disk.complete].map(([path, content]) => ({ path, file: new Blob([content as BlobPart]) }));
  const engine = createEngine({ ...testHost(null), openFolder: () => createBlobFolder('of ipfs', files) });
  try {
    for await (const _ of engine.load({ model: { kind: 'files', name: '', files: [] }, dtype: 'f32' }));
    for await (const event of engine.generate({ prompt: { ids }, maxTokens: 4 }))
      if (event.type === 'done') expect(event.ids).toEqual(greedy['base']!.slice(0, 4));
  } finally {
    await engine.dispose();
  }
});

it('one GGUF file is fetched by its content id, and one of several by a path and a variant', async () => {
  expect((await pull(single)).disk.complete.get('model.gguf')).toEqual(gguf);
  const { disk } = await pull(`ipfs:${ggufs}/sub:Q8_0`);
  expect([...disk.complete.keys()].map(ggufFolderPath)).toEqual(['model.gguf']);
  expect(disk.complete.get('T-Q8_0.gguf')).toEqual(gguf);
});

it('a check reads headers by ranges, not the weights', async () => {
  requested = [];
  const source = createIpfsSource({ sources: [gateway()], host: testTransferHost() });
  const input = { repo: parseRepo(single), contextLength: 32, maxBindingBytes: 2 ** 31 };
  const types: string[] = [];
  for await (const { type } of checkModel({ source }, input, { signal: new AbortController().signal }))
    types.push(type);
  expect(types).toEqual(['listed', 'predicted', 'predicted', 'predicted', 'predicted']);
});

it('ranges of a large file request its root and each of its blocks once', async () => {
  const { disk } = await pull(weights);
  expect(disk.complete.get('model.safetensors')).toEqual(new Uint8Array(Buffer.concat(large)));
  expect(requested).toHaveLength(new Set(requested).size);
});

it('a gateway that lies, is busy or has nothing is passed over, and the next one is asked first from then on', async () => {
  const wrong = failing('wrong', () => null);
  wrong.block = async () => new Uint8Array([1, 2, 3]);
  const empty = failing('empty', (cid) => new BlockMissingError(cid, { asked: ['empty'] }));
  const { disk } = await pull(model, [wrong, empty, gateway()]);
  expect(disk.complete.get('model.safetensors')).toEqual(fileOf('model.safetensors'));

  let busy = 3;
  const { disk: second, host } = await pull(model, [
    failing('busy', () => (busy-- > 0 ? new SourceFailedError('busy', 'it answered 503') : null)),
  ]);
  expect(second.complete.get('config.json')).toEqual(fileOf('config.json'));
  expect(host.pauses).toHaveLength(3);
});

it('it goes on where it was stopped, and fetches no block of a finished file again', async () => {
  const disk = createDisk();
  let left = 5;
  const stops = failing('stops', (cid) => (left-- > 0 ? null : new BlockMissingError(cid, { asked: ['stops'] })));
  await expect(pull(weights, [stops], disk)).rejects.toMatchObject({ code: 'ipfs/block-missing' });
  expect(disk.complete.has('config.json')).toBe(true);
  const { events } = await pull(weights, [gateway()], disk);
  expect(disk.complete.get('model.safetensors')).toEqual(new Uint8Array(Buffer.concat(large)));
  expect(events.flatMap((event) => (event.type === 'file' ? [event.path] : []))).toEqual(['model.safetensors']);
});

it('errors say what is missing: a gateway, a block at all of them, an answer, a model', async () => {
  await expect(pull(model, [])).rejects.toMatchObject({ code: 'registry/no-gateway' });
  const empty = failing('gateway.example', (cid) => new BlockMissingError(cid, { asked: ['gateway.example'] }));
  await expect(pull(model, [empty])).rejects.toMatchObject({
    code: 'ipfs/block-missing',
    message: `Block ${model} is not here and not at gateway.example.`,
  });
  const offline = failing('gateway.example', () => new SourceFailedError('gateway.example', 'it cannot be reached'));
  await expect(pull(model, [offline])).rejects.toMatchObject({ message: 'gateway.example: it cannot be reached.' });
  const wrong = failing('wrong.example', () => null);
  wrong.block = async () => new Uint8Array([1, 2, 3]);
  await expect(pull(model, [wrong])).rejects.toMatchObject({ code: 'format/hash-mismatch' });
  await expect(pull(`${model}/README.md`)).rejects.toMatchObject({ code: 'format/unsupported' });
  await expect(pull(`${model}/none`)).rejects.toThrow('there is no "none" in it');
  const nothing = String(await addFolder(node, [{ path: 'notes.txt', content: new Uint8Array(3) }]));
  await expect(pull(nothing)).rejects.toMatchObject({ code: 'format/unsupported' });
});

it('blocks of this device are used before any request', async () => {
  const host = testTransferHost();
  const source = createIpfsSource({ sources: [], host, here: (cid) => node.blocks.read(cid) });
  const listing = await source.list(parseRepo(model), new AbortController().signal);
  expect(listing.files.map(({ path }) => path)).toEqual(['config.json', 'model.safetensors']);
});
