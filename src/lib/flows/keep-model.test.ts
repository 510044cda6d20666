// Downloads with a ledger in memory, from a hub on this machine.

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { KeptModel } from '#lib/db/kept-models.ts';
import { PlaceBusyError } from '#lib/engine/shell/errors.ts';
import { createAddressSource } from '#lib/files/address/address-source.ts';
import { createAnySource } from '#lib/files/any-source.ts';
import { createIpfsSource } from '#lib/registry/ipfs-source.ts';
import { createHub } from '#lib/files/hub/hub.ts';
import { parseRepo } from '#lib/files/parse-repo.ts';
import { COMMIT, serveHub, sha256, type HubServer } from '#tests/support/hub-server.ts';
import { createMemoryKeptModels } from '#tests/support/memory-kept-models.ts';
import { createDisk, createMemoryChunkStore } from '#tests/support/memory-chunk-store.ts';
import { testTransferHost } from '#tests/support/transfer-host.ts';
import { keepModel, type KeepModelEvent, type KeepModelInput } from './keep-model.ts';
import { pullModel } from './pull-model.ts';

const text = (value: string) => new TextEncoder().encode(value);
const weights = Uint8Array.from({ length: 70_000 }, (_, at) => (at * 7) % 253);
const model = { 'config.json': text('{}'), 'tokenizer.json': text('{"a":1}'), 'model.safetensors': weights };
const adapter = { 'adapter_config.json': text('{}'), 'adapter_model.safetensors': weights };
const ID = `owner/name@${COMMIT}`;
let server: HubServer;
let ledger = createMemoryKeptModels();
let disk = createDisk();
let clock = 0;

beforeAll(async () => {
  server = await serveHub({
    'owner/name': { files: model },
    'owner/adapter': { files: adapter },
    'owner/ggufs': { files: { 'M-Q8_0.gguf': weights, 'M-Q4_0.gguf': text('GGUF') } },
  });
});
afterAll(() => server.close());
beforeEach(() => {
  ledger = createMemoryKeptModels();
  disk = createDisk();
});

async function keep(
  input: Partial<KeepModelInput> = {},
  { onEvent = (_: KeepModelEvent) => {}, stop = new AbortController(), isBusy = false } = {},
): Promise<KeepModelEvent[]> {
  const host = testTransferHost();
  const source = createAnySource({
    hub: createHub({ host, endpoint: server.endpoint }),
    address: createAddressSource({ host }),
    ipfs: createIpfsSource({ host, sources: [] }),
  });
  const pull = (repo: KeepModelInput['repo'], signal: AbortSignal) =>
    pullModel(
      {
        source,
        // Each look at the clock finds a second gone, so that all progress is reported.
        now: () => (clock += 1000),
        async openStore() {
          if (isBusy) throw new PlaceBusyError(ID);
          return createMemoryChunkStore(disk);
        },
      },
      { repo, chunkBytes: 10_000 },
      { signal },
    );
  const events: KeepModelEvent[] = [];
  const context = { pull, ledger, today: () => (clock += 2000) };
  for await (const event of keepModel(context, { repo: parseRepo('owner/name'), dtype: 'q8', ...input }, stop)) {
    events.push(event);
    onEvent(event);
  }
  return events;
}

it('records what it is, how far it is, and that it is complete', async () => {
  const events = await keep();
  expect(events.at(-1)).toEqual({ type: 'kept', id: ID });
  const totalBytes = Object.values(model).reduce((sum, { length }) => sum + length, 0);
  expect(ledger.records.get(ID)).toMatchObject({
    ...{ id: ID, repo: 'owner/name', commit: COMMIT, kind: 'model', state: 'complete', dtype: 'q8', problem: null },
    ...{ totalBytes, doneBytes: totalBytes, usedAt: null, isPinned: false, base: null },
  });
  expect(ledger.records.get(ID)!.files.map(({ path }) => path)).toEqual(Object.keys(model));
  expect(ledger.states[0]).toBe('downloading');
});

it('is paused when it is stopped, and goes on with what is there', async () => {
  const stop = new AbortController();
  const onEvent = (event: KeepModelEvent) => event.type === 'progress' && event.doneBytes > 30_000 && stop.abort();
  await expect(keep({}, { stop, onEvent })).rejects.toMatchObject({ code: 'core/aborted' });
  expect(ledger.records.get(ID)).toMatchObject({ state: 'paused', problem: null });
  const first = ledger.records.get(ID)!;
  expect(first.doneBytes).toBeGreaterThan(0);
  await ledger.update(ID, { isPinned: true });

  const [, planned] = await keep();
  expect(planned).toMatchObject({ type: 'planned' });
  expect(planned?.type === 'planned' && planned.presentBytes).toBeGreaterThan(0);
  expect(ledger.records.get(ID)).toMatchObject({ state: 'complete', isPinned: true, addedAt: first.addedAt });
});

it('keeps the reason when it fails, and takes it away when it succeeds', async () => {
  server.faults.flips['model.safetensors'] = { at: 33_333, times: 2 };
  const events: KeepModelEvent[] = [];
  await expect(keep({}, { onEvent: (event) => events.push(event) })).rejects.toMatchObject({
    code: 'shell/wrong-bytes',
  });
  expect(events).toContainEqual({ type: 'again', path: 'model.safetensors' });
  expect(ledger.records.get(ID)).toMatchObject({
    state: 'paused',
    problem: { message: expect.stringContaining('model.safetensors') },
  });
  await keep();
  expect(ledger.records.get(ID)).toMatchObject({ state: 'complete', problem: null });
  expect(disk.complete.get('model.safetensors')).toEqual(weights);
});

it('leaves the record to the tab that downloads already', async () => {
  await expect(keep({}, { isBusy: true })).rejects.toMatchObject({ code: 'shell/place-busy' });
  expect(ledger.records.get(ID)).toMatchObject({ state: 'downloading', problem: null });
});

it('knows an adapter, and the model that it is for', async () => {
  await keep({ repo: parseRepo('owner/adapter'), base: 'owner/name' });
  expect([...ledger.records.values()]).toMatchObject([{ kind: 'adapter', base: 'owner/name', state: 'complete' }]);
});

it('keeps two files of one repository apart', async () => {
  await keep({ repo: parseRepo('owner/ggufs:Q8_0') });
  await keep({ repo: parseRepo('owner/ggufs:Q4_0') });
  expect([...ledger.records.values()].map(({ id, repo, totalBytes }) => [id, repo, totalBytes])).toEqual([
    [`owner/ggufs:Q8_0@${COMMIT}`, 'owner/ggufs:Q8_0', weights.length],
    [`owner/ggufs:Q4_0@${COMMIT}`, 'owner/ggufs:Q4_0', 4],
  ]);
});

it('of files at an address it notes the sha256 of what was stored, also across a pause', async () => {
  const address = `${server.endpoint}/owner/name/resolve/${COMMIT}/`;
  const stop = new AbortController();
  const onEvent = (event: KeepModelEvent) => event.type === 'file' && event.path === 'config.json' && stop.abort();
  await expect(keep({ repo: parseRepo(address) }, { stop, onEvent })).rejects.toMatchObject({ code: 'core/aborted' });
  const [{ repo, commit }] = [...ledger.records.values()] as [KeptModel];
  expect(repo).toBe(address);
  await keep({ repo: { ...parseRepo(repo), revision: commit } });
  const [record] = [...ledger.records.values()] as [KeptModel];
  expect(record.state).toBe('complete');
  expect(Object.fromEntries(record.files.map(({ path, sha256 }) => [path, sha256]))).toEqual(
    Object.fromEntries(Object.entries(model).map(([path, bytes]) => [path, sha256(bytes)])),
  );
});

it('a content id without a gateway is refused before anything is recorded', async () => {
  const repo = parseRepo('bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi');
  await expect(keep({ repo })).rejects.toMatchObject({ code: 'registry/no-gateway' });
  expect(ledger.records.size).toBe(0);
});
