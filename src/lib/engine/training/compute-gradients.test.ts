// Gradients of every family that can be trained, compared with automatic differentiation in PyTorch, on the plain TypeScript kernels. The
// largest case runs in the browser.

import { describe, expect, it } from 'vitest';
import type { Folder } from '#lib/core/folder.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { GRADIENT_CASES, judgedGradients, modelIn } from '#tests/support/gradient-cases.ts';
import { madeAdapter, madeModel } from '#tests/support/made-adapter.ts';
import { createTrainingSet } from './training-set.ts';
import { computeGradients } from './compute-gradients.ts';

describe('on reference kernels', () => {
  it.each(GRADIENT_CASES.filter(([name]) => name !== 'gemma3'))(
    '%s, %s: losses and gradients',
    async (name, adapters) => {
      for (const { loss, expectedLoss, worst } of await judgedGradients(createReferenceDevice(), name, adapters)) {
        expect(loss / expectedLoss).toBeCloseTo(1, 6);
        expect(worst).toBeLessThan(2);
      }
    },
  );
});

describe('with weights of', () => {
  const size = { width: 32, layers: 1 };
  const ids = [3, 50, 7, 21, 8, 40];
  const examples = [{ ids, labels: ids, adapter: 0 }];

  it.each(['f32', 'f16', 'q8', 'q4'] as const)(
    '%s: a small step along the gradient changes the loss by the square of its norm',
    async (dtype) => {
      const model = await modelIn(createReferenceDevice(), madeModel(size), dtype);
      const start = madeAdapter(size, 4, 5);
      const { gradients } = await computeGradients({ ...model, adapters: [start], examples });
      const set = await createTrainingSet({ ...model, adapters: [start] }, { rows: 1, segments: 1, length: 1 });
      const weights = await set.weightsOf(set.adapters[0]!);
      const config = await start.read('adapter_config.json', 0, await start.size('adapter_config.json'));
      const square = gradients[0]!.reduce((sum, { values }) => values.reduce((all, value) => all + value ** 2, sum), 0);
      const lossAt = async (distance: number) => {
        const moved = weights.map(({ name, shape, values }, i) => {
          const of = gradients[0]![i]!.values;
          return { name, shape, dtype: 'F32' as const, data: values.map((value, at) => value + distance * of[at]!) };
        });
        const files = { 'adapter_config.json': config, 'adapter_model.safetensors': encodeSafetensors(moved) };
        const adapter: Folder = createMemoryFolder('moved', new Map(Object.entries(files)));
        return (await computeGradients({ ...model, adapters: [adapter], examples })).losses[0]!;
      };
      const change = (await lossAt(5e-4)) - (await lossAt(-5e-4));
      expect(change / 1e-3 / square).toBeCloseTo(1, 2);
    },
  );
});
