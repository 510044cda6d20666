// A model from a hub on this machine into a store in memory.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHub } from '#lib/files/hub/hub.ts';
import { parseRepo } from '#lib/files/parse-repo.ts';
import { serveHub, type HubServer } from '#tests/support/hub-server.ts';
import { createDisk, createMemoryChunkStore, type Disk } from '#tests/support/memory-chunk-store.ts';
import { testTransferHost } from '#tests/support/transfer-host.ts';
import { pullModel, type PullModelEvent, type PullModelInput } from './pull-model.ts';

const text = (value: string) => new TextEncoder().encode(value);
const weights = Uint8Array.from({ length: 70_000 }, (_, at) => (at * 7) % 253);
const files = {
  'README.md': text('a model'),
  'config.json': text('{}'),
  'tokenizer.json': text('{"a":1}'),
  'model.safetensors': weights,
  'other.gguf': text('GGUF'),
};
let server: HubServer;
beforeAll(async () => {
  const ggufs = { 'M-Q8_0.gguf': weights, 'M-Q4_K_M.gguf': text('GGUF'), 'M-IQ2_M.gguf': text('GGUF') };
  server = await serveHub({
    'owner/name': { files },
    'owner/empty': { files: { 'README.md': text('nothing') } },
    'owner/ggufs': { files: { 'README.md': text('a model'), ...ggufs } },
  });
});
afterAll(() => server.close());

async function pull(input: Partial<PullModelInput> = {}, disk: Disk = createDisk()) {
  const host = testTransferHost();
  const hub = createHub({ host, endpoint: server.endpoint });
  const context = { source: hub, now: () => host.now(), openStore: async () => createMemoryChunkStore(disk) };
  const events: PullModelEvent[] = [];
  const repo = parseRepo('owner/name');
  const { signal } = new AbortController();
  for await (const event of pullModel(context, { repo, chunkBytes: 10_000, ...input }, { signal })) events.push(event);
  return { events, disk };
}

it('fetches what a model needs, in order of events', async () => {
  const { events, disk } = await pull();
  expect([...disk.complete.keys()].sort()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
  expect(disk.complete.get('model.safetensors')).toEqual(weights);
  expect(events.map(({ type }) => type).filter((type) => type !== 'progress')).toEqual([
    ...['listed', 'planned', 'file', 'file', 'file', 'pulled'],
  ]);
});

it('fetches named files instead', async () => {
  const { disk } = await pull({ files: ['other.gguf', 'other.gguf'] });
  expect([...disk.complete.keys()]).toEqual(['other.gguf']);
});

it('says which named file is not there, and where there are no weights', async () => {
  await expect(pull({ files: ['no.gguf'] })).rejects.toThrow('owner/name: there is no file "no.gguf".');
  await expect(pull({ repo: parseRepo('owner/empty') })).rejects.toMatchObject({ code: 'format/unsupported' });
});

it('fetches one GGUF file where there are only such, the one that is named or the usual one', async () => {
  const kept = async (name: string) => [...(await pull({ repo: parseRepo(name) })).disk.complete.keys()];
  expect(await kept('owner/ggufs')).toEqual(['M-Q4_K_M.gguf']);
  expect(await kept('owner/ggufs:q8_0')).toEqual(['M-Q8_0.gguf']);
  expect(await kept('owner/name:other')).toEqual(['other.gguf']);
  await expect(kept('owner/ggufs:IQ2_M')).rejects.toMatchObject({
    message: 'owner/ggufs: it has no GGUF file "IQ2_M".',
    hint: 'It has Q4_K_M, Q8_0.',
  });
});

it('refuses a file whose byte is wrong at the server twice, and takes it when it is wrong once', async () => {
  server.faults.flips['model.safetensors'] = { at: 33_333, times: 2 };
  await expect(pull()).rejects.toMatchObject({
    code: 'shell/wrong-bytes',
    message: expect.stringMatching(/^model\.safetensors/),
  });
  server.faults.flips['model.safetensors'] = { at: 33_333, times: 1 };
  const { events, disk } = await pull();
  expect(events).toContainEqual({ type: 'again', path: 'model.safetensors' });
  expect(disk.complete.get('model.safetensors')).toEqual(weights);
});

it('goes on through connections that break', async () => {
  server.faults.drops = [1, 0, 3000, 9999, 5000];
  const { disk } = await pull();
  expect(disk.complete.get('model.safetensors')).toEqual(weights);
  expect(server.faults.drops).toEqual([]);
});
