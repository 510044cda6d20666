// The gradient of each example of a pass, on the plain TypeScript kernels.

import { beforeAll, describe, expect, it } from 'vitest';
import type { NamedTensor } from '#lib/model/unpack-adapter.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { adapterPath, modelPath, openFixture, readExpected } from '#tests/support/fixtures.ts';
import { modelIn, type TestModel } from '#tests/support/gradient-cases.ts';
import { madeAdapter, madeModel } from '#tests/support/made-adapter.ts';
import { computeGradients, exampleGradients, type GradientsOptions } from './compute-gradients.ts';
import type { Example } from './examples.ts';

const SIZE = { width: 32, layers: 2 };
const ADAPTERS = [madeAdapter(SIZE, 4, 3), madeAdapter(SIZE, 2, 4)];
const LENGTHS = [9, 3, 17, 2, 5];
const EXAMPLES = LENGTHS.map((length, i): Example => {
  const ids = Array.from({ length }, (_, at) => (11 * at + 17 * i + 5) % 60);
  return { ids, labels: ids.map((id, at) => (at > 1 && at % 4 === 1 ? -100 : id)), adapter: i % 2 };
});

const each = (options: Parameters<typeof exampleGradients>[0]) => Array.fromAsync(exampleGradients(options));

/** The greatest difference in parts of the greatest element, of any tensor. */
const difference = (got: readonly NamedTensor[], wanted: readonly NamedTensor[]) =>
  Math.max(
    ...wanted.map(({ values }, i) => {
      const greatest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      const off = values.reduce((most, value, at) => Math.max(most, Math.abs(value - got[i]!.values[at]!)), 0);
      return off === 0 ? 0 : off / greatest;
    }),
  );

const sumOf = (parts: readonly { weight: number; gradient: readonly NamedTensor[] }[]): NamedTensor[] =>
  parts[0]!.gradient.map((tensor, i) => ({
    ...tensor,
    values: tensor.values.map((_, at) =>
      parts.reduce((sum, { weight, gradient }) => sum + weight * gradient[i]!.values[at]!, 0),
    ),
  }));

describe('two adapters of different ranks', () => {
  let options: GradientsOptions;
  let model: TestModel;
  beforeAll(async () => {
    model = await modelIn(createReferenceDevice(), madeModel(SIZE));
    options = { ...model, adapters: ADAPTERS, examples: EXAMPLES };
  });

  it.each([512, 20])('an example has the bits that it has alone, in passes of %i tokens', async (passRows) => {
    const before = model.device.counters.bufferBytes;
    const got = await each({ ...options, passRows });
    expect(model.device.counters.bufferBytes).toBe(before);
    expect(got.map(({ example }) => example)).toEqual([0, 1, 2, 3, 4]);
    for (const { example, loss, targets, gradient } of got) {
      const one = EXAMPLES[example]!;
      const alone = await computeGradients({ ...options, examples: [one] });
      expect(gradient).toEqual(alone.gradients[one.adapter]);
      expect(loss).toBe(alone.losses[one.adapter]);
      expect(targets).toBe(one.labels.slice(1).filter((label) => label !== -100).length);
    }
  });

  it('weighted by their targets they add up to the gradient of all', async () => {
    const all = await computeGradients(options);
    const got = await each(options);
    for (const adapter of [0, 1]) {
      const own = got.filter(({ example }) => example % 2 === adapter);
      const targets = own.reduce((sum, of) => sum + of.targets, 0);
      const sum = sumOf(own.map((of) => ({ weight: of.targets / targets, gradient: of.gradient })));
      expect(difference(sum, all.gradients[adapter]!)).toBeLessThan(1e-5);
    }
  });

  it('the gradient of a log-likelihood is that of the mean loss times minus the number of targets', async () => {
    const losses = await each(options);
    const got = await each({ ...options, measure: 'log-likelihood' });
    got.forEach(({ gradient, loss, targets }, i) => {
      expect(loss).toBe(losses[i]!.loss);
      expect(difference(gradient, sumOf([{ weight: -targets, gradient: losses[i]!.gradient }]))).toBeLessThan(1e-5);
    });
    const all = await computeGradients({ ...options, measure: 'log-likelihood' });
    const own = got.filter(({ example }) => example % 2 === 0).map(({ gradient }) => ({ weight: 1, gradient }));
    expect(difference(sumOf(own), all.gradients[0]!)).toBeLessThan(1e-5);
  });

  it('an example without a label is refused', async () => {
    const examples = [...EXAMPLES, { ids: [1, 2], labels: [-100, -100], adapter: 0 }];
    await expect(each({ ...options, examples })).rejects.toThrow('No token of example 5 has a label.');
  });
});

it('DoRA: magnitudes and B of each example are by the parameters of PEFT', async () => {
  const model = await modelIn(createReferenceDevice(), openFixture(modelPath('llama3')));
  const ids = readExpected('llama3').ids.slice(0, 6);
  const adapters = ['dora', 'lora'].map((name) => openFixture(adapterPath('llama3', name)));
  const examples = [0, 1, 0].map((adapter, i) => ({ ids: ids.slice(i), labels: ids.slice(i), adapter }));
  const got = await each({ ...model, adapters, examples });
  for (const [i, { gradient }] of got.entries()) {
    const alone = await computeGradients({ ...model, adapters, examples: [examples[i]!] });
    expect(gradient).toEqual(alone.gradients[examples[i]!.adapter]);
  }
});

it('adapters with LoRA over the head and the embedding: each example has the bits that it has alone', async () => {
  const model = await modelIn(createReferenceDevice(), openFixture(modelPath('llama2')));
  const adapters = ['headlora', 'embedlora'].map((name) => openFixture(adapterPath('llama2', name)));
  const examples = [0, 1, 0].map((adapter, i) => ({ ids: [7, 30 + i, 9], labels: [-100, 30 + i, 9], adapter }));
  for (const { example, gradient } of await each({ ...model, adapters, examples })) {
    const alone = await computeGradients({ ...model, adapters, examples: [examples[example]!] });
    expect(gradient).toEqual(alone.gradients[examples[example]!.adapter]);
  }
});
