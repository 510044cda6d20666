// What a training on WebGPU does when the device fails, and that its bits survive.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { failingGpu, type FailingGpu } from '#tests/support/failing-gpu.ts';
import { freshAdapterOf, stepSettings, tinyEngine, tinyExamples, tinyTraining } from '#tests/support/tiny-training.ts';
import type { Engine } from '../engine.ts';

let failing: FailingGpu;
let engine: Engine;
beforeAll(async () => {
  failing = failingGpu();
  engine = await tinyEngine(failing.gpu);
});
afterAll(() => engine.dispose());

const request = tinyTraining(freshAdapterOf('lora'), freshAdapterOf('dora', { seed: 2 }));
const step = (from: number) =>
  engine.trainStep([tinyExamples(0, from), tinyExamples(1, from)], [stepSettings(), stepSettings(0.02)]);
const answer = async () => {
  for await (const event of engine.generate({ prompt: { ids: [5, 6, 7] }, maxTokens: 4 }))
    if (event.type === 'done') return event.ids;
  throw new Error('no answer');
};

it('without memory it is refused with the name of what found none, and the model answers on', async () => {
  const before = await answer();
  const { gpuBytes } = await engine.stats();
  for (const label of [/^first moments/, /^input of layer 1/, /^row norms/]) {
    failing.starve(label);
    const running = answer();
    const refused = engine.openTraining(request);
    await expect(refused).rejects.toMatchObject({ code: 'webgpu/out-of-memory' });
    await expect(refused).rejects.toThrow(label.source.slice(1));
    failing.starve(null);
    expect([await running, await answer()]).toEqual([before, before]);
  }
  expect((await engine.stats()).gpuBytes.other).toBe(gpuBytes.other);
  expect(failing.opened).toBe(1);
  await engine.openTraining(request);
});

it('goes on from a state with the bits of a training that was not interrupted, and a lost device ends it', async () => {
  await engine.openTraining(request);
  const outcomes = [await step(1), await step(2)];
  const wanted = await engine.trainedAdapters();
  await engine.openTraining(request);
  expect(await step(1)).toEqual(outcomes[0]);
  await engine.trainedAdapters();
  const state = await engine.saveTraining();
  await engine.openTraining(request);
  await engine.restoreTraining(state);
  expect(await step(2)).toEqual(outcomes[1]);
  expect(await engine.trainedAdapters()).toEqual(wanted);

  await failing.lose();
  await expect(step(3)).rejects.toMatchObject({ code: 'webgpu/lost' });
  await expect(engine.saveTraining()).rejects.toMatchObject({ code: 'webgpu/lost' });
});
