// Kept models and adapters are loaded, remembered for the next visit, and given up where their files are gone.

import { beforeEach, expect, it } from 'vitest';
import type { KeptModel } from '#lib/db/kept-models.ts';
import { KeptGoneError } from '#lib/engine/shell/errors.ts';
import { KeptInUseState, type KeptInUseNeeds } from './kept-in-use.svelte.ts';

const record = (id: string, more: Partial<KeptModel> = {}): KeptModel => ({
  ...{ id, kind: 'model', repo: id.split('@')[0]!, commit: 'c', files: [], totalBytes: 1, doneBytes: 1 },
  ...{ state: 'complete', problem: null, dtype: 'q8', base: null, isPinned: false, addedAt: 1, usedAt: null },
  ...more,
});
const base = record('owner/base@c');
const adapter = record('owner/adapter@c', { kind: 'adapter', base: 'owner/base', usedAt: 5 });
const unused = record('owner/unused@c', { kind: 'adapter', base: 'owner/base' });
const other = record('owner/other@c', { kind: 'adapter', base: 'owner/another', usedAt: 5 });

let kept: string | null;
let gone: Set<string>;
let changes: [string, Partial<KeptModel>][];
let asked: string[];
let model: KeptInUseNeeds['model'];
let state: KeptInUseState;

beforeEach(() => {
  [kept, gone, changes, asked] = [null, new Set(), [], []];
  model = {
    ...{ source: null, status: 'idle', adapterProblem: null },
    async open(source, { dtype, contextLength, cache = 'auto' }) {
      asked.push(`model ${dtype} ${contextLength ?? 'default'} ${cache}`);
      Object.assign(model, { source, status: 'ready' });
    },
    async addAdapter({ name }) {
      asked.push(`adapter ${name}`);
      return name;
    },
  };
  const all = [base, adapter, unused, other];
  state = new KeptInUseState({
    model,
    kept: {
      ...{ all, today: () => 9, get: async (id) => all.find((one) => one.id === id) },
      change: async ({ id }, change) => void changes.push([id, change]),
      discardFiles: async ({ id }, problem) => void changes.push([id, { state: 'paused', problem }]),
    },
    async openKept({ id, repo }) {
      if (gone.has(id)) throw new KeptGoneError(repo, 'config.json');
      return { kind: 'files', name: repo, files: [] };
    },
    storage: {
      getItem: () => kept,
      setItem: (_, value) => void (kept = value),
      removeItem: () => void (kept = null),
    },
  });
});

it('loads a model in the format chosen for it, with the adapters that were loaded with it before', async () => {
  expect(await state.open(base, { contextLength: 512, cache: 'i8' })).toBe(true);
  expect(asked).toEqual(['model q8 512 i8', 'adapter owner/adapter']);
  expect(state.current).toBe(base);
  expect(state.ids).toEqual([base.id, adapter.id]);
  expect(changes).toContainEqual([base.id, { usedAt: 9 }]);
});

it('opens the model of the last visit, and none where there was none or it was forgotten', async () => {
  expect(await state.reopen({})).toBe(false);
  await state.open(base, {});
  expect(kept).toBe(base.id);
  expect(await state.reopen({})).toBe(true);
  state.forget();
  expect(await state.reopen({})).toBe(false);
  kept = 'owner/deleted@c';
  expect(await state.reopen({})).toBe(false);
  expect(kept).toBe(null);
});

it('says when files are gone, so that they can be fetched again', async () => {
  gone.add(base.id);
  expect(await state.open(base, {})).toBe(false);
  expect(state.problem?.message).toContain('no longer on this device');
  expect(changes).toEqual([[base.id, { state: 'paused', problem: state.problem, doneBytes: 0 }]]);
  expect(asked).toEqual([]);
});

it('knows which adapter belongs to which base, and that another model is in use', async () => {
  await state.open(base, {});
  expect(await state.addAdapter(unused)).toBe('owner/unused');
  expect(changes).toContainEqual([unused.id, { usedAt: 9, base: 'owner/base' }]);
  expect(state.ids).toContain(unused.id);
  Object.assign(model, { source: { kind: 'hosted', url: 'https://models.example/' } });
  expect(state.current).toBe(null);
  expect(state.ids).toEqual([]);
});

it('passes on why an adapter was refused', async () => {
  await state.open(base, {});
  Object.assign(model, { addAdapter: async () => undefined, adapterProblem: { message: 'It is for another base.' } });
  expect(await state.addAdapter(unused)).toBe(undefined);
  expect(state.problem?.message).toBe('It is for another base.');
});

it('gives up the files of the model in use when they are damaged, and no others', async () => {
  await state.open(base, {});
  changes = [];
  await state.dropDamaged({ kind: 'hosted', url: 'https://models.example/' });
  expect(changes).toEqual([]);
  await state.dropDamaged(model.source!);
  expect(changes).toEqual([
    ['owner/base@c', { state: 'paused', problem: expect.objectContaining({ hint: 'Download the model again.' }) }],
  ]);
});
