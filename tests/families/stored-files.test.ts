// Files that are stored under their sha256: a model and its adapters have the ids they have otherwise, are ready before their bytes
// are hashed, and fail when the bytes are not those.

import { afterEach, describe, expect, it } from 'vitest';
import type { Folder } from '#lib/core/folder.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { Engine, LoadEvent } from '#lib/engine/engine.ts';
import { answer } from '../support/generation-cases.ts';
import { testHost } from '../support/host.ts';
import { madeAdapter, madeModel } from '../support/made-adapter.ts';
import { stored } from '../support/stored-folder.ts';

const SHAPE = { width: 32, layers: 2 };
const MODEL_FILES = ['config.json', 'model.safetensors'];
const ADAPTER_FILES = ['adapter_config.json', 'adapter_model.safetensors'];
const prompt = { ids: [3, 14, 15, 9, 26] };

let engine: Engine;
afterEach(() => engine.dispose());

const open = (folders: Record<string, Folder>) => {
  const openFolder: ReturnType<typeof testHost>['openFolder'] = (ref) =>
    folders[ref.kind === 'directory' ? ref.path : '']!;
  engine = createEngine({ ...testHost(null), openFolder });
};
const at = (path: string) => ({ kind: 'directory', path }) as const;
const load = async (path: string) => {
  const events: LoadEvent['type'][] = [];
  let id = '';
  const loading = engine.load({ model: at(path), dtype: 'f32', maxSequences: 2, contextLength: 64 });
  try {
    for await (const event of loading) {
      events.push(event.type);
      if (event.type === 'ready') id = event.model.id;
    }
    return { events, id, error: null };
  } catch (error) {
    return { events, id, error };
  }
};

describe('an adapter of stored files', () => {
  const folder = madeAdapter(SHAPE, 64, 3);

  it('is registered from its headers, with its id, and gives the answer it gives otherwise', async () => {
    const adapter = await stored(folder, ADAPTER_FILES);
    open({ base: madeModel(SHAPE), plain: folder, stored: adapter });
    await load('base');
    const plain = await engine.loadAdapter(at('plain'));
    const request = { prompt, adapters: [{ id: plain.id, weight: 1 }], maxTokens: 8 };
    const expected = await answer(engine, request);
    await engine.unloadAdapter(plain.id);

    const size = await folder.size(ADAPTER_FILES[1]!);
    const info = await engine.loadAdapter(at('stored'));
    expect(adapter.bytesRead).toBeLessThan(size / 4);
    expect(info).toEqual({ ...plain, tier: 'disk', name: info.name });
    expect((await answer(engine, request)).ids).toEqual(expected.ids);
    expect(adapter.bytesRead).toBeGreaterThan(2 * size);
    expect((await engine.listAdapters()).map(({ tier }) => tier)).toEqual(['gpu']);
  });

  it('that are damaged fails the request that wants it', async () => {
    const adapter = await stored(folder, ADAPTER_FILES);
    adapter.damage();
    open({ base: madeModel(SHAPE), stored: adapter });
    await load('base');
    const { id } = await engine.loadAdapter(at('stored'));
    const request = { prompt, adapters: [{ id, weight: 1 }], maxTokens: 2 };
    await expect(answer(engine, request)).rejects.toMatchObject({ code: 'engine/adapter-changed' });
    expect((await answer(engine, { prompt, maxTokens: 2 })).ids).toHaveLength(2);
  });
});

describe('a model of stored files', () => {
  it('has the id that it has otherwise', async () => {
    const plain = madeModel(SHAPE);
    open({ plain, stored: await stored(plain, MODEL_FILES) });
    const first = await load('plain');
    expect(first.id).toMatch(/^[0-9a-f]{64}$/);
    expect(await load('stored')).toEqual(first);
    expect(first.events.at(-1)).toBe('ready');
  });

  it('that are damaged fails once its bytes are hashed, and answers nothing more until it is loaded again', async () => {
    const plain = madeModel(SHAPE);
    const damaged = await stored(plain, MODEL_FILES);
    damaged.damage();
    open({ plain, damaged });
    const { events, error } = await load('damaged');
    expect(events.at(-1)).toBe('ready');
    expect(error).toMatchObject({ code: 'engine/model-changed' });
    await expect(engine.stats()).rejects.toMatchObject({ code: 'engine/model-changed' });
    await expect(answer(engine, { prompt, maxTokens: 2 })).rejects.toMatchObject({ code: 'engine/model-changed' });
    expect((await load('plain')).error).toBeNull();
    expect((await answer(engine, { prompt, maxTokens: 2 })).ids).toHaveLength(2);
  });
});

it('a reader that leaves at ready keeps the model', async () => {
  open({ base: madeModel(SHAPE) });
  for await (const { type } of engine.load({ model: at('base'), dtype: 'f32', maxSequences: 2, contextLength: 64 }))
    if (type === 'ready') break;
  expect((await answer(engine, { prompt, maxTokens: 2 })).ids).toHaveLength(2);
});
