// Page layout of adapters when one module of the base holds several projections.

import { expect, test } from 'vitest';
import { adapterPath, modelPath, openFixture } from '#tests/support/fixtures.ts';
import { readAdapter } from '#lib/formats/model/adapter.ts';
import { adaptableBase } from './adaptable-base.ts';
import { readArchitecture } from './config.ts';
import { layOutPages, packAdapter, readTensor } from './lora.ts';
import { projectionsOf } from './projections.ts';

test('the A of a fused module is stored once and read by each of its projections', async () => {
  const architecture = await readArchitecture(openFixture(modelPath('phi3')));
  const base = adaptableBase(architecture);
  const folder = openFixture(adapterPath('phi3', 'lora'));
  const plan = await readAdapter(folder, base);
  const { places, targets, slabs } = await packAdapter(
    folder,
    plan,
    base,
    { pageBytes: 1 << 16, poolDtype: 'f32' },
    null,
  );
  const rowsOfA = projectionsOf(architecture).map(({ index }) => {
    const { first, rank } = targets[index]!;
    return places.slice(first, first + rank).map(({ page, element }) => (page << 14) + element);
  });
  const [q, k, v, o, gate, up, down] = rowsOfA;
  expect([k, v, up]).toEqual([q, q, gate]);
  expect(new Set([q, o, gate, down].flat()).size).toBe(4 * 4);
  const a = await readTensor(folder, plan.matrices.find(({ target }) => target.name === 'v')!.a);
  const stored = new Float32Array(slabs[0]!.buffer);
  const [, second] = v as [number, number];
  expect(stored.subarray(second, second + 64)).toEqual(a.subarray(64, 128));
});

test('a base without fused modules stores every A separately', async () => {
  const base = adaptableBase(await readArchitecture(openFixture(modelPath('llama3'))));
  const { places, targets } = layOutPages(() => 2, base, { pageBytes: 1 << 16, poolDtype: 'f16' }, false);
  const rowsOfA = targets.flatMap(({ first, rank }) => places.slice(first, first + rank));
  expect(new Set(rowsOfA.map((place) => JSON.stringify(place))).size).toBe(7 * 2);
});
