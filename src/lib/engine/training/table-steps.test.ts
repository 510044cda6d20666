// Steps of adapters that have an embedding or a head of their own, or LoRA over those of the base, on the plain TypeScript kernels.
// The golden steps are those of torch.optim.AdamW behind clip_grad_norm_ over all parameters of PEFT's adapter.

import { expect, it } from 'vitest';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { adapterPath, modelPath, openFixture, readExpected } from '#tests/support/fixtures.ts';
import { modelIn } from '#tests/support/gradient-cases.ts';
import golden from '#tests/fixtures/gradients/table-steps.json';
import { createAdapterTrainer } from './adapter-trainer.ts';
import { restoreTraining, saveTraining } from './keep-training.ts';

const SETTINGS = { rate: 0.01, betas: [0.9, 0.99], epsilon: 1e-4, weightDecay: 0.1, clip: 0.5 } as const;

it('adapters with tables that train together take the steps of torch, and go on from a state with the same bits', async () => {
  const names = Object.keys(golden) as (keyof typeof golden)[];
  const device = createReferenceDevice();
  const model = await modelIn(device, openFixture(modelPath('llama2')));
  const before = device.counters.bufferBytes;
  const { ids, labels } = readExpected('llama2');
  const examples = names.map((_, adapter) => ({ ids, labels, adapter }));
  const adapters = names.map((name) => openFixture(adapterPath('llama2', name)));
  const budget = { segments: names.length, length: ids.length, rows: names.length * ids.length };
  const trainer = await createAdapterTrainer({ ...model, adapters }, budget);
  const step = () => trainer.step([examples], [SETTINGS, SETTINGS, SETTINGS]);
  const outcomes = [await step(), await step()];
  const kept = { device, trainer, facts: {} };
  const state = await saveTraining(kept);
  outcomes.push(await step());
  const weights = await trainer.weights();
  names.forEach((name, adapter) => {
    const { steps, tables } = golden[name];
    steps.forEach(([loss, norm], i) => {
      expect(outcomes[i]![adapter]!.loss / loss!, `${name}, loss of step ${i}`).toBeCloseTo(1, 5);
      expect(outcomes[i]![adapter]!.norm / norm!, `${name}, norm of step ${i}`).toBeCloseTo(1, 4);
    });
    for (const [table, { at, values, shape }] of Object.entries(tables)) {
      const got = weights[adapter]!.find((tensor) => tensor.name === table);
      expect(got?.shape, table).toEqual(shape);
      at.forEach((place, i) => expect(got!.values[place], `${table}, ${place}`).toBeCloseTo(values[i]!, 4));
    }
  });
  await restoreTraining(kept, state);
  expect(await step()).toEqual(outcomes[2]);
  expect(await trainer.weights()).toEqual(weights);
  trainer.destroy();
  expect(device.counters.bufferBytes).toBe(before);
});
