// Downloads of one tab beside those of others, over a ledger in memory.

import { expect, it } from 'vitest';
import { AbortedError } from '#lib/core/errors.ts';
import type { KeptModel } from '#lib/db/kept-models.ts';
import { PlaceBusyError } from '#lib/engine/shell/errors.ts';
import type { PullModelEvent } from '#lib/flows/pull-model.ts';
import { createMemoryKeptModels } from '#tests/support/memory-kept-models.ts';
import { KeptModelsState, type KeptModelsNeeds } from './kept-models-state.svelte.ts';

const commit = 'c'.repeat(40);
const repo = { id: 'owner/name', revision: 'main' };
const file = { path: 'config.json', bytes: 2, hash: 'git:00' as const };
const listing = { ...repo, commit, isGated: false, files: [file] };
const record: KeptModel = {
  ...{ id: `owner/name@${commit}`, kind: 'model', repo: repo.id, commit, files: [file], totalBytes: 2, doneBytes: 1 },
  ...{ state: 'downloading', problem: null, dtype: 'q4', base: null, isPinned: false, addedAt: 1, usedAt: null },
};

async function* pulled(): AsyncGenerator<PullModelEvent> {
  yield { type: 'listed', listing, files: [file] };
  yield { type: 'planned', files: 1, presentBytes: 1, totalBytes: 2 };
  yield { type: 'progress', doneBytes: 2, totalBytes: 2, bytesPerSecond: 1, secondsLeft: 0 };
  yield { type: 'pulled', listing };
}

function tab(needs: Partial<KeptModelsNeeds> = {}) {
  const ledger = createMemoryKeptModels();
  const pulls: { id: string; revision: string }[] = [];
  const state = new KeptModelsState({
    ledger,
    pull: (of) => {
      pulls.push(of);
      return pulled();
    },
    today: () => 1000,
    whenFree: () => new Promise(() => undefined),
    deletePlace: async () => undefined,
    persist: async () => true,
    ...needs,
  });
  return { ledger, state, pulls };
}

it('downloads, and says what it finished', async () => {
  const { ledger, state } = tab();
  state.start();
  expect(await state.download(repo, 'q4')).toBe(true);
  expect(ledger.records.get(record.id)).toMatchObject({ state: 'complete', dtype: 'q4', doneBytes: 2 });
  expect([...state.finished]).toEqual([record.id]);
  expect(state.running.size).toBe(0);
});

it('goes on by itself with what the end of a page cut off, at the same commit', async () => {
  const { ledger, state, pulls } = tab({ whenFree: async () => undefined });
  await ledger.put(record);
  state.start();
  await expect.poll(() => ledger.records.get(record.id)?.state).toBe('complete');
  expect(pulls).toEqual([{ id: repo.id, revision: commit }]);
});

it('leaves a paused download to the user', async () => {
  const { ledger, state, pulls } = tab({ whenFree: async () => undefined });
  await ledger.put({ ...record, state: 'paused' });
  state.start();
  expect(state.isElsewhere(state.all![0]!)).toBe(false);
  expect(pulls).toEqual([]);
  expect(await state.resume(state.all![0]!)).toBe(true);
});

it('waits while another tab downloads, and takes over when that tab ended', async () => {
  let free = () => {};
  const whenFree = () => new Promise<void>((resolve) => (free = resolve));
  const { ledger, state, pulls } = tab({ whenFree });
  await ledger.put(record);
  state.start();
  expect(state.isElsewhere(state.all![0]!)).toBe(true);
  expect(pulls).toEqual([]);
  free();
  await expect.poll(() => ledger.records.get(record.id)?.state).toBe('complete');
});

it('does nothing when the other tab paused it before it ended', async () => {
  let free = () => {};
  const { ledger, state, pulls } = tab({ whenFree: () => new Promise<void>((resolve) => (free = resolve)) });
  await ledger.put(record);
  state.start();
  await ledger.update(record.id, { state: 'paused' });
  free();
  await Promise.resolve();
  expect(pulls).toEqual([]);
});

it('says when another tab is at it, and when the hub refuses before anything is listed', async () => {
  const busy = tab({
    async *pull() {
      yield { type: 'listed', listing, files: [file] };
      throw new PlaceBusyError(record.id);
    },
  });
  busy.state.start();
  expect(await busy.state.download(repo, 'q4')).toBe(false);
  expect(busy.state.problem?.message).toContain('Another tab');
  expect(busy.ledger.records.get(record.id)?.state).toBe('downloading');

  const refused = tab({
    pull: () => {
      throw new Error('no answer');
    },
  });
  expect(await refused.state.download(repo, 'q4')).toBe(false);
  expect(refused.state.problem?.message).toContain('no answer');
  expect(refused.ledger.records.size).toBe(0);
});

it('pauses, which is no problem', async () => {
  const { ledger, state } = tab({
    async *pull(_, signal) {
      yield { type: 'listed', listing, files: [file] };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new AbortedError();
    },
  });
  state.start();
  const download = state.download(repo, 'q4');
  await expect.poll(() => state.running.get(repo.id)?.id).toBe(record.id);
  state.pause(repo.id);
  expect(await download).toBe(false);
  expect(state.problem).toBe(null);
  expect(ledger.records.get(record.id)).toMatchObject({ state: 'paused', problem: null });
});

it('keeps the record of what could not be deleted', async () => {
  const { ledger, state } = tab({ deletePlace: () => Promise.reject(new PlaceBusyError(record.id)) });
  await ledger.put({ ...record, state: 'complete' });
  state.start();
  await state.remove(state.all![0]!);
  expect(ledger.records.size).toBe(1);
  expect(state.problem?.message).toContain('Another tab');
});
