// The engine's verb for gradients, on the plain TypeScript kernels.

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Folder, FolderRef } from '#lib/core/folder.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { modelIn } from '#tests/support/gradient-cases.ts';
import { testHost } from '#tests/support/host.ts';
import { madeAdapter, madeModel } from '#tests/support/made-adapter.ts';
import { computeGradients } from './compute-gradients.ts';
import type { GradientOf, GradientRequest } from './training-host.ts';

const SIZE = { width: 16, layers: 1 };
const model = madeModel(SIZE);
const folders: Record<string, Folder> = { model, a: madeAdapter(SIZE, 2, 1), b: madeAdapter(SIZE, 3, 2) };
const ref = (path: string): FolderRef => ({ kind: 'directory', path });
const openFolder = (of: FolderRef) => folders[of.kind === 'directory' ? of.path : '']!;
const examples = [0, 1, 0].map((adapter, i) => ({ ids: [i, 7, 9 + i, 4], labels: [-100, 7, 9 + i, -100], adapter }));
const request: GradientRequest = { adapters: [ref('a'), ref('b')], examples };

const engine = createEngine({ ...testHost(null), openFolder });
const gradientsOf = async (of: Partial<GradientRequest>, signal?: AbortSignal) => {
  const all: GradientOf[] = [];
  for await (const one of engine.gradients({ ...request, ...of }, signal)) all.push(one);
  return all;
};
beforeAll(async () => {
  await expect(gradientsOf({})).rejects.toThrow('model');
  for await (const event of engine.load({ model: ref('model'), dtype: 'f32' })) expect(event.type).toBeTypeOf('string');
});
afterAll(() => engine.dispose());

it('gives one gradient for each adapter, or for each example', async () => {
  const options = {
    ...(await modelIn(createReferenceDevice(), model)),
    adapters: [folders['a']!, folders['b']!],
    examples,
  };
  const { losses, gradients } = await computeGradients(options);
  expect(await gradientsOf({})).toEqual(
    [0, 1].map((adapter) => {
      const targets = adapter === 0 ? 4 : 2;
      return { adapter, example: null, loss: losses[adapter], targets, gradient: gradients[adapter] };
    }),
  );
  const each = await gradientsOf({ of: 'example' });
  expect(each.map(({ adapter, example, targets }) => [adapter, example, targets])).toEqual([
    [0, 0, 2],
    [1, 1, 2],
    [0, 2, 2],
  ]);
  expect(each[1]!.gradient).toEqual(gradients[1]);
});

it('ends with its signal', async () => {
  const stop = new AbortController();
  const reader = engine.gradients({ ...request, of: 'example' }, stop.signal)[Symbol.asyncIterator]();
  await reader.next();
  stop.abort();
  await expect(reader.next()).rejects.toThrow();
});
