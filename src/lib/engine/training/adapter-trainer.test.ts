// Adapters that learn rows by heart, alone and together, on the plain TypeScript kernels.

import { expect, it } from 'vitest';
import type { Folder } from '#lib/core/folder.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { adapterPath, modelPath, openFixture, readExpected } from '#tests/support/fixtures.ts';
import { modelIn } from '#tests/support/gradient-cases.ts';
import { madeAdapter, madeModel } from '#tests/support/made-adapter.ts';
import { createAdapterTrainer } from './adapter-trainer.ts';
import type { Example } from './examples.ts';
import type { StepOutcome, StepSettings } from './training-host.ts';

const SIZE = { width: 16, layers: 1 };
const LENGTH = 4;
const settings = (rate: number): StepSettings => {
  return { rate, betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clip: 0 };
};

/** Rows that have no token in common. */
const rows = (count: number, adapter: number): Example[] =>
  Array.from({ length: count }, (_, row) => {
    const ids = Array.from({ length: LENGTH }, (_, i) => (7 * (row * LENGTH + i) + adapter) % 60);
    return { ids, labels: ids, adapter };
  });

async function trainerOn(model: Folder, adapters: readonly Folder[], budget: { segments: number; length: number }) {
  const device = createReferenceDevice();
  const loaded = await modelIn(device, model);
  const sizes = { ...budget, rows: budget.segments * budget.length };
  const trainer = await createAdapterTrainer({ ...loaded, adapters }, sizes);
  const destroy = () => {
    trainer.destroy();
    loaded.weights.destroy();
    return device.counters.bufferBytes;
  };
  return { ...trainer, destroy };
}

it('an adapter learns eight rows by heart, and all memory is freed', async () => {
  const model = madeModel({ ...SIZE, head: 8 });
  const trainer = await trainerOn(model, [madeAdapter(SIZE, 8, 1)], { segments: 8, length: LENGTH });
  let loss = Infinity;
  let steps = 0;
  for (; loss >= 0.05 && steps < 200; steps++) loss = (await trainer.step([rows(8, 0)], [settings(0.03)]))[0]!.loss;
  expect(loss).toBeLessThan(0.05);
  expect(steps).toBeLessThan(200);
  expect(trainer.destroy()).toBe(0);
});

it('adapters that train together get the bits that each gets alone', async () => {
  const adapters = [madeAdapter(SIZE, 3, 1), madeAdapter(SIZE, 8, 2)];
  const rates = [settings(0.02), { ...settings(0.05), clip: 0.5, weightDecay: 0.1 }];
  const train = async (own: readonly number[]) => {
    const trainer = await trainerOn(
      madeModel(SIZE),
      own.map((i) => adapters[i]!),
      { segments: 4, length: LENGTH },
    );
    const of = own.flatMap((i, place) => rows(4, i).map((row) => ({ ...row, adapter: place })));
    // Two passes a step: gradients add up.
    const passes = [0, 1].map((pass) => of.filter((_, row) => row % 2 === pass));
    const outcomes: StepOutcome[][] = [];
    for (let i = 0; i < 3; i++) {
      outcomes.push(
        await trainer.step(
          passes,
          own.map((adapter) => rates[adapter]!),
        ),
      );
    }
    const weights = await trainer.weights();
    trainer.destroy();
    return own.map((_, place) => ({ weights: weights[place], outcomes: outcomes.map((all) => all[place]) }));
  };
  expect(await train([0, 1])).toEqual([...(await train([0])), ...(await train([1]))]);
});

it('a step that is refused changes nothing', async () => {
  const train = async (refused: readonly (readonly Example[])[]) => {
    const trainer = await trainerOn(madeModel(SIZE), [madeAdapter(SIZE, 3, 1)], { segments: 2, length: LENGTH });
    if (refused.length > 0)
      await expect(trainer.step(refused, [settings(0.1)])).rejects.toThrow('No token has a label');
    await trainer.step([rows(2, 0)], [settings(0.1)]);
    const weights = await trainer.weights();
    trainer.destroy();
    return weights;
  };
  const unlabelled = [{ ids: [1, 2], labels: [-100, -100], adapter: 0 }];
  expect(await train([rows(2, 0), unlabelled])).toEqual(await train([]));
});

// The first step of Adam moves each parameter by the rate, for any gradient and also where the pool has it times alpha / rank.
it.each([
  ['falcon7b', 'lora'],
  ['llama3', 'dora'],
])('%s, %s: a first step moves each parameter by the rate', async (name, adapter) => {
  const { ids, labels } = readExpected(name);
  const budget = { segments: 1, length: ids.length };
  const folder = openFixture(adapterPath(name, adapter));
  const trainer = await trainerOn(openFixture(modelPath(name)), [folder], budget);
  const [before] = await trainer.weights();
  await trainer.step([[{ ids, labels, adapter: 0 }]], [{ ...settings(0.001), epsilon: 1e-30 }]);
  const [after] = await trainer.weights();
  before!.forEach((tensor, i) => {
    const moves = Array.from(tensor.values, (value, at) => Math.abs(after![i]!.values[at]! - value));
    for (const move of moves) expect(move / 0.001, tensor.name).toBeCloseTo(1, 1);
  });
});
