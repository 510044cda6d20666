// Gradients of every family that can be trained, compared with differences of the loss at twenty seeded entries, on the plain TypeScript
// kernels: a check that shares nothing with the golden gradients but the forward pass.

import { expect, it } from 'vitest';
import { createRng } from '#lib/core/rng.ts';
import { createMemoryFolder } from '#lib/formats/memory-folder.ts';
import { encodeSafetensors } from '#lib/formats/model/safetensors.ts';
import type { NamedTensor } from '#lib/model/unpack-adapter.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { adapterPath, modelPath, openFixture } from '#tests/support/fixtures.ts';
import { GRADIENT_CASES, modelIn } from '#tests/support/gradient-cases.ts';
import { scoredSegmentsOf } from './examples.ts';
import { computeGradients } from './compute-gradients.ts';
import { createTrainingSet } from './training-set.ts';

const ENTRIES = 20;
/** Of a parameter: large beside the noise of a loss in f32, small beside what bends it. */
const DISTANCE = 0.02;
const SIDES = [-1, 1];

it.each(GRADIENT_CASES)('%s: twenty entries', async (name) => {
  const model = await modelIn(createReferenceDevice(), openFixture(modelPath(name)));
  const start = openFixture(adapterPath(name, 'lora'));
  const random = createRng(17);
  const ids = Array.from({ length: 3 }, () => random.below(model.architecture.vocab));
  const example = { ids, labels: ids, adapter: 0 };
  const { gradients } = await computeGradients({ ...model, adapters: [start], examples: [example] });
  const set = await createTrainingSet({ ...model, adapters: [start] }, { rows: 1, segments: 1, length: 1 });
  const parameters = await set.weightsOf(set.adapters[0]!);
  set.destroy();
  const entries = Array.from({ length: ENTRIES }, () => largeEntry(gradients[0]!, random));
  const config = await start.read('adapter_config.json', 0, await start.size('adapter_config.json'));
  const moved = entries.flatMap(({ tensor, element }) =>
    SIDES.map((side) => {
      const tensors = parameters.map(({ name: of, shape, values }, i) => {
        const data = values.map((value, k) => (i === tensor && k === element ? value + side * DISTANCE : value));
        return { name: of, shape, dtype: 'F32' as const, data };
      });
      const files = { 'adapter_config.json': config, 'adapter_model.safetensors': encodeSafetensors(tensors) };
      return createMemoryFolder('moved', new Map(Object.entries(files)));
    }),
  );
  // All in one pass: each segment has the loss of an adapter of its own.
  const budget = { segments: moved.length, length: ids.length, rows: moved.length * ids.length };
  const all = await createTrainingSet({ ...model, adapters: moved }, budget);
  const segments = scoredSegmentsOf(
    moved.map((_, adapter) => ({ ...example, adapter })),
    all.adapters,
  );
  const targets = await all.decoder.score(segments);
  const losses = new Float32Array(await model.device.read(all.decoder.losses, 0, targets * 4));
  const each = targets / moved.length;
  const lossAt = (i: number) => losses.subarray(i * each, (i + 1) * each).reduce((sum, of) => sum + of, 0) / each;
  let worst = 0;
  entries.forEach(({ gradient }, i) => {
    const [below, above] = [lossAt(2 * i), lossAt(2 * i + 1)];
    worst = Math.max(worst, Math.abs((above - below) / (2 * DISTANCE) / gradient - 1));
  });
  expect(worst).toBeLessThan(0.02);
});

/** Of a random tensor, one of the entries of at least half of its greatest gradient. */
function largeEntry(gradient: readonly NamedTensor[], random: ReturnType<typeof createRng>) {
  const tensor = random.below(gradient.length);
  const { values } = gradient[tensor]!;
  const greatest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const large = [...values.keys()].filter((i) => Math.abs(values[i]!) >= greatest / 2);
  const element = large[random.below(large.length)]!;
  return { tensor, element, gradient: values[element]! };
}
