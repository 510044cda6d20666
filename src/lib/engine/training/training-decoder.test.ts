// A pass over packed examples, in chunks or not, gives what passes over each example give.

import { beforeAll, describe, expect, it } from 'vitest';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import type { NamedTensor } from '#lib/model/unpack-adapter.ts';
import { modelIn, type TestModel } from '#tests/support/gradient-cases.ts';
import { madeAdapter, madeModel } from '#tests/support/made-adapter.ts';
import { segmentsOf, type Example } from './examples.ts';
import { createTrainingSet } from './training-set.ts';
import type { TrainingBudget } from './training-sizes.ts';

const SIZE = { width: 32, layers: 2 };
// Two blocks of the cache, a part of one, and a whole one; some tokens without a label.
const EXAMPLES = [19, 3, 16].map((length, i): Example => {
  const ids = Array.from({ length }, (_, at) => (11 * at + 17 * i + 5) % 60);
  return { ids, labels: ids.map((id, at) => (at % 4 === 1 ? -100 : id)), adapter: 0 };
});

describe('packed examples', () => {
  let model: TestModel;
  beforeAll(async () => {
    model = await modelIn(createReferenceDevice(), madeModel(SIZE));
  });

  /** Each of `passes` after the other; gradients add up. */
  const run = async (passes: readonly (readonly Example[])[], budget: Pick<TrainingBudget, 'chunk'> = {}) => {
    const adapters = [madeAdapter(SIZE, 4, 3)];
    const set = await createTrainingSet({ ...model, adapters }, { ...budget, rows: 38, segments: 3, length: 19 });
    const losses: number[] = [];
    for (const pass of passes) {
      const targets = await set.decoder.pass(segmentsOf(pass, EXAMPLES, set.adapters));
      losses.push(...new Float32Array(await model.device.read(set.decoder.losses, 0, targets * 4)));
    }
    const gradients = await set.gradientsOf(set.adapters[0]!);
    set.destroy();
    return { losses, gradients };
  };
  const expectNear = (got: readonly NamedTensor[], wanted: readonly NamedTensor[]) =>
    wanted.forEach(({ name, values }, i) => {
      const greatest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      const off = values.reduce((most, value, at) => Math.max(most, Math.abs(value - got[i]!.values[at]!)), 0);
      expect(off / greatest, name).toBeLessThan(1e-5);
    });

  it('have the losses and gradients of one pass for each', async () => {
    const packed = await run([EXAMPLES]);
    const apart = await run(EXAMPLES.map((example) => [example]));
    expect(packed.losses).toEqual(apart.losses);
    expectNear(packed.gradients, apart.gradients);
  });

  it('have the same losses where the logits of only four rows are in memory together', async () => {
    const whole = await run([EXAMPLES]);
    const chunked = await run([EXAMPLES], { chunk: 4 });
    expect(chunked.losses).toEqual(whole.losses);
    expectNear(chunked.gradients, whole.gradients);
  });
});
