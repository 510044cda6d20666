// What a model of a hub on this machine would take, without its weights.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine } from '#lib/engine/create-engine.ts';
import { createHub } from '#lib/files/hub/hub.ts';
import { parseRepo } from '#lib/files/parse-repo.ts';
import { modelPath } from '#tests/support/fixtures.ts';
import { testHost } from '#tests/support/host.ts';
import { serveHub, type HubServer } from '#tests/support/hub-server.ts';
import { testTransferHost } from '#tests/support/transfer-host.ts';
import { checkModel, type CheckModelEvent } from './check-model.ts';

const golden = modelPath('gemma2');
const names = readdirSync(golden).filter((name) => /^(config\.json|.*\.safetensors)$/.test(name));
const files = Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(join(golden, name)))]));
let server: HubServer;
beforeAll(async () => {
  server = await serveHub({ 'owner/name': { files } });
});
afterAll(() => server.close());

it('says the bytes to download, and for each format of weights what a load takes', async () => {
  const hub = createHub({ host: testTransferHost(), endpoint: server.endpoint });
  const input = { repo: parseRepo('owner/name'), contextLength: 64, maxBindingBytes: 2 ** 31 };
  const events: CheckModelEvent[] = [];
  for await (const event of checkModel({ source: hub }, input, { signal: new AbortController().signal }))
    events.push(event);
  const downloadBytes = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  expect(events[0]).toMatchObject({ type: 'listed', downloadBytes });
  const predictions = events.flatMap((event) => (event.type === 'predicted' ? [event.prediction] : []));
  expect(predictions.map(({ dtype }) => dtype)).toEqual(['f32', 'f16', 'q8', 'q4']);

  const engine = createEngine(testHost(null));
  const request = { model: { kind: 'directory', path: golden }, dtype: 'q4', contextLength: 64 } as const;
  for await (const _ of engine.load(request));
  expect(predictions.at(-1)!.gpuBytes).toEqual((await engine.stats()).gpuBytes);
  await engine.dispose();

  const ofWeights = server.requests.filter(({ server: at }) => at === 'cdn');
  const read = ofWeights.map(({ range }) => {
    const [from, to] = range!.slice('bytes='.length).split('-').map(Number) as [number, number];
    return to + 1 - from;
  });
  const header = 8 + Number(new DataView(files['model.safetensors']!.buffer).getBigUint64(0, true));
  expect(Math.max(...read)).toBe(header);
});

it('a smaller format of keys and values takes less memory in the estimate', async () => {
  const source = createHub({ host: testTransferHost(), endpoint: server.endpoint });
  const kvBytes = async (cache?: 'f32' | 'f16' | 'i8') => {
    const input = { repo: parseRepo('owner/name'), contextLength: 64, cache, maxBindingBytes: 2 ** 31 };
    const sizes: number[] = [];
    for await (const event of checkModel({ source }, input, { signal: new AbortController().signal }))
      if (event.type === 'predicted') sizes.push(event.prediction.gpuBytes.kv);
    return sizes;
  };
  const [f32, f16, i8] = [await kvBytes('f32'), await kvBytes('f16'), await kvBytes('i8')];
  expect(f16[1]! * 2).toBe(f32[1]);
  expect(i8[1]).toBeLessThan(f16[1]!);
  // Without a choice it follows the format of the weights.
  expect(await kvBytes()).toEqual([f32[0], f16[1], f16[2], f16[3]]);
});
