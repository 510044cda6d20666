// Datanets as a page shows them: the list and its search, the rows of shards on screen, and problems.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createDigester } from '#lib/core/digester.ts';
import { FileMissingError } from '#lib/formats/errors.ts';
import type { OpenDatanetContext } from '#lib/flows/open-datanet.ts';
import { DatanetListState } from './datanet-list.svelte.ts';
import { DatanetState, isOnChain, type DatanetSources } from './datanet-state.svelte.ts';

const shipped: OpenDatanetContext = {
  createDigester,
  read: async (path) => [new Uint8Array(readFileSync(`static/datanets/${path}`))],
};
const away: OpenDatanetContext = {
  createDigester,
  read: (path) => Promise.reject(new FileMissingError('The app', path, 'Connect.')),
};
const sources: DatanetSources = {
  shipped,
  onChain: () => Promise.reject(new FileMissingError('The chain', 'Datanet 7', 'Choose another.')),
};

it('the search of the list requires every word', async () => {
  const list = new DatanetListState(shipped);
  await list.load();
  const found = (search: string) => {
    list.search = search;
    return list.found.map(({ id }) => id);
  };
  expect(found('')).toHaveLength(5);
  expect(found('  INFUSION pumps ')).toEqual(['medical']);
  expect(found('cc-by-4.0 never')).toEqual(['medical', 'finance']);
  expect(found('weather')).toEqual([]);
});

it('the list says why it cannot be read, until it can', async () => {
  let isAway = true;
  const list = new DatanetListState({ read: (path, stop) => (isAway ? away : shipped).read(path, stop) });
  await list.load();
  expect(list.problem).toEqual({ message: 'The app: there is no file "index.json".', hint: 'Connect.' });
  isAway = false;
  await list.load();
  expect([list.problem, list.entries?.length]).toEqual([null, 5]);
});

it('holds the rows of the shards on screen, and no others', async () => {
  const state = new DatanetState(sources);
  await state.open({ id: 'retail' });
  const { shards } = state.datanet!.version;
  expect(shards.length).toBeGreaterThan(2);
  expect(state.shardRows.size).toBe(0);
  await state.look(0, 2);
  expect([...state.shardRows.keys()].sort()).toEqual([0, 1]);
  expect(state.shardRows.get(1)).toHaveLength(shards[1]!.rows);
  await state.look(1, 2);
  expect([...state.shardRows.keys()]).toEqual([1]);
  // Off screen before it was read, and back on screen.
  const passing = [state.look(1, 3), state.look(1, 2)];
  await Promise.all(passing);
  expect(state.shardRows.has(2)).toBe(false);
  await Promise.all([state.look(2, 3), state.look(0, 1), state.look(2, 3)]);
  expect([...state.shardRows.keys()]).toEqual([2]);
});

it('shows a row with its proof, and nothing of the Datanet that was open before', async () => {
  const state = new DatanetState(sources);
  await state.open({ id: 'retail', row: '17' });
  expect(state.proof?.index).toBe(17);
  const earlier = state.open({ id: 'retail', row: '18' });
  await state.open({ id: 'pharma' });
  await earlier;
  expect([state.name, state.proof, state.problem]).toEqual(['Pharma', null, null]);
  await state.open({ id: 'retail', row: 'nobody' });
  expect([state.proof, state.problem?.message]).toEqual([null, 'Fresh retail: there is no row "nobody".']);
});

it('an id of digits is read from the chain', async () => {
  expect(['7', '07', 'medical', '1e3', ''].map(isOnChain)).toEqual([true, false, false, false, false]);
  const state = new DatanetState(sources);
  await state.open({ id: '7' });
  expect(state.problem?.message).toContain('there is no file "Datanet 7"');
  expect(state.isRead).toBe(false);
});

it('reports a shard that cannot be read, and shows the others', async () => {
  const state = new DatanetState(sources);
  await state.open({ id: 'retail' });
  const { version } = state.datanet!;
  const { rows } = version;
  Object.assign(version, {
    rows: (shard: (typeof version.shards)[number]) =>
      shard === version.shards[0] ? Promise.reject(new FileMissingError('Fresh retail', 'a shard')) : rows(shard),
  });
  await state.look(0, 2);
  expect([...state.shardRows.keys()]).toEqual([1]);
  expect(state.problem?.message).toContain('a shard');
});
