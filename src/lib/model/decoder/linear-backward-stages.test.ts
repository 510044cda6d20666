import { expect, it } from 'vitest';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { createMatrix } from '#lib/webgpu/matrix.ts';
import { stepCase } from '#tests/support/step-case.ts';
import { linearBackwardStages } from './linear-backward-stages.ts';

it('dispatches only what a step needs', async () => {
  const device = createReferenceDevice();
  const buffer = (words: number) => device.createBuffer('test', words * 4);
  const { params: step, state, pool } = stepCase({ rows: 3, longest: 64, ranks: [2] });
  // Three tiles of eight rows, two of them in one binding.
  const matrix = createMatrix({ ...device, maxBindingBytes: 2 * 8 * 64 * 4 }, 'up', 24, 64, 'f32');
  const projection = {
    name: 'up',
    stack: 'gateUp',
    index: 5,
    input: 64,
    output: 24,
    firstRow: 0,
    hasBias: false,
  } as const;
  const rows = buffer(3 * 64);
  const stages = await linearBackwardStages(
    {
      ...{ device, step, sizes: { poolDtype: 'f32' } },
      cache: { pools: [buffer(pool.length)], state: buffer(state.length) },
      call: (_, words) => buffer(words.length),
    },
    matrix,
    { name: 'gateUp', rows: 24, projections: [projection] },
    { layer: 0, x: rows, y: rows, yStride: 24, z: rows, dy: rows, dx: rows, adds: false },
    { grads: buffer(pool.length), runs: buffer(8), u: rows, gains: true },
  );
  const kernels = (counts: { rankWidth: number; gradients: number; gains: boolean }) =>
    stages.flatMap((stage) => stage.dispatch({ rows: 3, ...counts })?.binding.program.kernel.name ?? []);
  const base = ['linear-backward', 'linear-backward'];
  expect(kernels({ rankWidth: 0, gradients: 0, gains: false })).toEqual(base);
  // An adapter that does not learn hands the gradient on.
  expect(kernels({ rankWidth: 4, gradients: 0, gains: false })).toEqual(['rank-gradients', ...base, 'input-gradients']);
  const learning = ['rank-gradients', 'a-gradients', 'b-gradients'];
  expect(kernels({ rankWidth: 4, gradients: 1, gains: false })).toEqual([...learning, ...base, 'input-gradients']);
  expect(kernels({ rankWidth: 4, gradients: 1, gains: true })).toEqual([
    ...[...learning, 'gain-gradients', 'gained-outputs', ...base, 'input-gradients'],
  ]);
});
