// Opening a model from an index in memory, with and without private storage for its files.

import { describe, expect, it } from 'vitest';
import { PayableError } from '#lib/core/errors.ts';
import { createFakeEngine, type FakeScript } from '#tests/support/fake-engine.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import type { KeptFiles } from '#lib/engine/shell/kept-files.ts';
import type { FileEntry } from '#lib/files/file-entry.ts';
import { checkKept, type CheckKeptEvent } from './check-kept.ts';
import { parseModelIndex } from '#lib/registry/model-index.ts';
import { openModel, type OpenModelEvent } from './open-model.ts';

const file = (path: string): FileEntry => ({ path, bytes: 3, sha256: 'b'.repeat(64) });
const index = {
  id: 'nano',
  name: 'nano',
  base: 'base',
  adapters: ['medical', 'retail'].map((id) => ({
    id,
    name: id,
    description: id,
    path: `adapters/${id}`,
    examples: ['Why?'],
  })),
  files: [
    file('base/config.json'),
    file('adapters/medical/a'),
    file('adapters/retail/a'),
    file('datanets/medical.jsonl'),
  ],
};

/** Keeps nothing until fetched, then everything. */
function createFakeStore(): KeptFiles & { fetched: string[]; tidied: string[][]; checked: string[] } {
  const fetched: string[] = [];
  const tidied: string[][] = [];
  const checked: string[] = [];
  return {
    fetched,
    tidied,
    checked,
    check({ path }) {
      checked.push(path);
      return Promise.resolve(path !== 'adapters/retail/a');
    },
    keepOnly: (files) => Promise.resolve(tidied.push(files.map(({ path }) => path))),
    open: (files) =>
      Promise.resolve(
        fetched.length === 0
          ? undefined
          : { kind: 'files', name: 'nano', files: files.map(({ path }) => ({ path, file: new Blob() })) },
      ),
    async fetch(_url, files, { onProgress }) {
      for (const { path } of files) {
        await Promise.resolve();
        onProgress(fetched.push(path) * 3);
      }
    },
  };
}

async function run(store: KeptFiles | null, script: FakeScript = {}) {
  const engine = createFakeEngine(script);
  const folder = createMemoryFolder('nano', new Map([['index.json', JSON.stringify(index)]]));
  const context = { engine, openFolder: () => folder, openKeptFiles: () => Promise.resolve(store) };
  const source = { kind: 'hosted' as const, url: 'http://localhost/models/nano/' };
  const events: OpenModelEvent[] = [];
  for await (const event of openModel(context, { source, dtype: 'f16' }, new AbortController())) events.push(event);
  return { engine, events, types: events.map(({ type }) => type) };
}

describe('openModel', () => {
  it('removes files that the new index does not name, once its files are complete', async () => {
    const store = createFakeStore();
    await run(store);
    await run(store);
    expect(store.tidied).toEqual([['base/config.json', 'adapters/medical/a', 'adapters/retail/a']]);
  });

  it('fetches only the files that the model needs, then loads from the kept copy', async () => {
    const store = createFakeStore();
    const { types, events, engine } = await run(store);
    expect(store.fetched).toEqual(['base/config.json', 'adapters/medical/a', 'adapters/retail/a']);
    expect(types[0]).toBe('index');
    expect(types).toContain('fetching');
    expect(types.slice(types.indexOf('progress'))).toEqual(['progress', 'model', 'adapter', 'adapter', 'opened']);
    expect(events.at(-1)).toEqual({ type: 'opened', keptHere: true });
    expect(engine.adaptersAsked).toEqual(['medical', 'retail']);
  });

  it('does not fetch again', async () => {
    const store = createFakeStore();
    await run(store);
    const { types } = await run(store);
    expect(types).not.toContain('fetching');
  });

  it('reads from the server where nothing can be kept', async () => {
    const { events, engine } = await run(null);
    expect(events.at(-1)).toEqual({ type: 'opened', keptHere: false });
    expect(engine.adaptersAsked[0]).toBe('http://localhost/models/nano/adapters/medical');
  });

  it('opens the model without an adapter that does not fit', async () => {
    const { types } = await run(null, { refuseAdapter: 'medical' });
    expect(types.slice(-3)).toEqual(['adapter-refused', 'adapter', 'opened']);
  });
});

describe('a load that fails after the model is ready', () => {
  const openWith = async (lateFailure: Error) => {
    const store = createFakeStore();
    const engine = createFakeEngine({ lateFailure });
    const folder = createMemoryFolder('nano', new Map([['index.json', JSON.stringify(index)]]));
    const context = { engine, openFolder: () => folder, openKeptFiles: () => Promise.resolve(store) };
    const source = { kind: 'hosted' as const, url: 'http://localhost/models/nano/' };
    const types: OpenModelEvent['type'][] = [];
    const opening = (async () => {
      for await (const { type } of openModel(context, { source, dtype: 'f16' }, new AbortController()))
        types.push(type);
    })();
    await expect(opening).rejects.toBe(lateFailure);
    return { types, store };
  };

  it('is reported after the model was opened; damaged files are found, so that the next load fetches them', async () => {
    const { types, store } = await openWith(new PayableError('engine/model-changed', 'Damaged.'));
    expect(types.at(-1)).toBe('opened');
    expect(store.checked).toEqual(['base/config.json', 'adapters/medical/a', 'adapters/retail/a']);
  });

  it('for another reason leaves the kept files alone', async () => {
    const { types, store } = await openWith(new PayableError('engine/self-test', 'Wrong.'));
    expect(types.at(-1)).toBe('opened');
    expect(store.checked).toEqual([]);
  });
});

describe('parseModelIndex', () => {
  const parse = (change: object) => parseModelIndex(JSON.stringify({ ...index, ...change }), 'index.json');

  it('reads a sound index', () => {
    expect(parse({})).toEqual(index);
  });

  it.each([
    ['not JSON', '{', 'it is not JSON'],
    ['a list', '[]', 'the index must be an object'],
  ])('refuses %s', (_, text, what) => {
    expect(() => parseModelIndex(text, 'index.json')).toThrow(what);
  });

  it.each([
    [{ name: '' }, '"name" must be text'],
    [{ base: '../secret' }, '"base" must be a path below the index'],
    [{ adapters: [{ id: 'x' }] }, 'adapters[0].name must be text'],
    [{ files: [{ ...file('a'), bytes: -1 }] }, 'files[0].bytes'],
    [{ files: [{ ...file('a'), sha256: 'no' }] }, 'files[0].sha256'],
    [{ files: [file('/etc/passwd')] }, 'files[0].path'],
  ])('says what is wrong in %j', (change, what) => {
    expect(() => parse(change)).toThrow(what);
  });
});

describe('checkKept', () => {
  it('checks every kept file and names the damaged ones', async () => {
    const parsed = parseModelIndex(JSON.stringify(index), 'index.json');
    const events: CheckKeptEvent[] = [];
    const context = { openKeptFiles: () => Promise.resolve(createFakeStore()) };
    for await (const event of checkKept(context, { index: parsed }, new AbortController())) events.push(event);
    expect(events).toEqual([
      ...[0, 3, 6].map((checkedBytes) => ({ type: 'checking', checkedBytes, totalBytes: 9 })),
      { type: 'checked', files: 3, damaged: ['adapters/retail/a'] },
    ]);
  });
});
