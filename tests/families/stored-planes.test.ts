// Packed weights that a load leaves for the next: equal answers without packing, and never from a set that is unfinished or damaged.

import { afterEach, describe, expect, it } from 'vitest';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { Engine } from '#lib/engine/engine.ts';
import type { PlaneStore } from '#lib/engine/planes/plane-store.ts';
import { answer } from '../support/generation-cases.ts';
import { testHost } from '../support/host.ts';
import { madeModel } from '../support/made-adapter.ts';
import { stored } from '../support/stored-folder.ts';

const SHAPE = { width: 32, layers: 2 };
const FILES = ['config.json', 'model.safetensors'];
const request = { prompt: { ids: [3, 14, 15, 9, 26] }, maxTokens: 8 };

interface MemoryPlanes extends PlaneStore {
  sets: Map<string, { bytes: Uint8Array<ArrayBuffer>; manifest: string | null }>;
  created: number;
  hasRoom: boolean;
  /** A tab that ends before a set is finished. */
  isKilled: boolean;
}

function memoryPlanes(): MemoryPlanes {
  const sets: MemoryPlanes['sets'] = new Map();
  return {
    sets,
    created: 0,
    hasRoom: true,
    isKilled: false,
    async open(name) {
      const set = sets.get(name);
      if (!set || set.manifest === null) return null;
      const { bytes, manifest } = set;
      return { manifest, bytes: bytes.length, read: async (start, end) => bytes.slice(start, end) };
    },
    async create(name, size) {
      if (!this.hasRoom) return null;
      this.created++;
      const set = { bytes: new Uint8Array(size), manifest: null as string | null };
      sets.set(name, set);
      let at = 0;
      return {
        write(piece) {
          set.bytes.set(piece, at);
          at += piece.length;
        },
        finish: async (manifest) => void (set.manifest = this.isKilled ? null : manifest),
        abandon: async () => void sets.delete(name),
      };
    },
    remove: async (name) => void sets.delete(name),
  };
}

let engine: Engine | null = null;
afterEach(() => engine?.dispose());

/** Loads and answers; `read` is what was read of the model's files before it was ready. */
async function loadAndAnswer(planes: PlaneStore, dtype: WeightDtype) {
  await engine?.dispose();
  const folder = await stored(madeModel(SHAPE), FILES);
  engine = createEngine({ ...testHost(null), planes: async () => planes, openFolder: () => folder });
  const load = { model: { kind: 'directory', path: '.' }, dtype, maxSequences: 2, contextLength: 64 } as const;
  let [read, id] = [0, ''];
  for await (const event of engine.load(load)) {
    if (event.type !== 'ready') continue;
    read = folder.bytesRead;
    id = event.model.id;
  }
  return { ids: (await answer(engine, request)).ids, id, read };
}

describe.each(['f32', 'f16', 'q8', 'q4'] as const)('in %s', (dtype) => {
  it('the second load reads headers and vectors alone, and answers the same', async () => {
    const planes = memoryPlanes();
    const first = await loadAndAnswer(planes, dtype);
    const second = await loadAndAnswer(planes, dtype);
    expect(second).toEqual({ ...first, read: second.read });
    expect(second.read).toBeLessThan(first.read / 4);
    expect(planes.created).toBe(1);
  });
});

it('each format has a set of its own', async () => {
  const planes = memoryPlanes();
  const [whole, short] = [await loadAndAnswer(planes, 'f32'), await loadAndAnswer(planes, 'q4')];
  expect(planes.sets.size).toBe(2);
  expect([...planes.sets.keys()].every((name) => name.startsWith(whole.id))).toBe(true);
  expect(short.id).toBe(whole.id);
});

it('a set that was not finished is not used, and is made again', async () => {
  const planes = memoryPlanes();
  planes.isKilled = true;
  const first = await loadAndAnswer(planes, 'q8');
  planes.isKilled = false;
  expect(await loadAndAnswer(planes, 'q8')).toEqual(first);
  expect(planes.created).toBe(2);
  expect((await loadAndAnswer(planes, 'q8')).read).toBeLessThan(first.read / 4);
});

it.each<[string, (set: { bytes: Uint8Array<ArrayBuffer>; manifest: string | null }) => void]>([
  ['one bit of it changed', ({ bytes }) => void (bytes[bytes.length >> 1]! ^= 1)],
  ['it is shorter', (set) => void (set.bytes = set.bytes.slice(0, -16))],
  ['its manifest is half written', (set) => void (set.manifest = set.manifest!.slice(0, 50))],
  ['its manifest is something else', (set) => void (set.manifest = '{"planes":[{"label":1}]}')],
  [
    'its manifest names other planes',
    (set) => void (set.manifest = set.manifest!.replace('layer 1 qkv', 'layer 9 qkv')),
  ],
])('a set is not used when %s', async (_, change) => {
  const planes = memoryPlanes();
  const first = await loadAndAnswer(planes, 'q8');
  change([...planes.sets.values()][0]!);
  const second = await loadAndAnswer(planes, 'q8');
  expect(second.ids).toEqual(first.ids);
  expect(second.read).toBeGreaterThanOrEqual(first.read);
  expect(planes.created).toBe(2);
});

it('without room nothing is kept and the model answers', async () => {
  const planes = memoryPlanes();
  planes.hasRoom = false;
  const first = await loadAndAnswer(planes, 'q8');
  expect(await loadAndAnswer(planes, 'q8')).toEqual(first);
  expect(planes.sets.size).toBe(0);
});
