// The known-answer test refuses a device that computes any one kernel slightly wrongly, by the kernel's name.

import { describe, expect, it } from 'vitest';
import { createRandomModel, S135 } from '#bench/random-model.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { loadCase } from '../support/golden.ts';
import { modelPath } from '../support/fixtures.ts';
import { testGpu } from '../support/gpu.ts';
import { testHost } from '../support/host.ts';

/** A GPU whose driver miscompiles one kernel: the compiled text differs slightly from the given one. */
function wrongGpu(kernel: string, change: (code: string) => string, onChange: () => void): GPU {
  const gpu = testGpu();
  return {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = (await gpu.requestAdapter(options))!;
      const request = adapter.requestDevice.bind(adapter);
      adapter.requestDevice = async (descriptor) => {
        const device = await request(descriptor);
        const compile = device.createShaderModule.bind(device);
        device.createShaderModule = (module) => {
          if (module.label !== kernel) return compile(module);
          const code = change(module.code);
          if (code !== module.code) onChange();
          return compile({ ...module, code });
        };
        return device;
      };
      return adapter;
    },
  } as GPU;
}

const swap = (from: RegExp, to: string) => (code: string) => code.replaceAll(from, to);

it('accepts a right device with one sequence and many heads', async () => {
  const shape = { ...S135, hidden: 192, heads: 3, layers: 1, vocab: 64, ffn: 64 };
  const engine = createEngine({ ...testHost(testGpu()), openFolder: () => createRandomModel(shape) });
  const request = { model: { kind: 'url', url: 'random' }, dtype: 'q8', maxSequences: 1, contextLength: 64 } as const;
  for await (const _ of engine.load(request));
  await engine.dispose();
});

describe('a device that is slightly wrong in', () => {
  it.each<[string, WeightDtype, (code: string) => string]>([
    ['pack', 'q8', swap(/\bround\(/g, 'floor(')],
    ['embed', 'f16', swap(/call\.scale \*/g, '1.001 * call.scale *')],
    ['norm', 'f16', swap(/inverseSqrt\(/g, '1.0005 * inverseSqrt(')],
    ['rope', 'f16', swap(/base \+ adapter_delta\(/g, 'base + 0.999 * adapter_delta(')],
    ['attention', 'f16', swap(/\bSCALE_F;/g, '1.001 * SCALE_F;')],
    ['linear', 'q4', swap(/\bdot\(/g, '1.0005 * dot(')],
    ['glu', 'f16', swap(/\bexp\(/g, '1.0005 * exp(')],
    ['sample', 'f16', swap(/\bexp\(/g, '1.001 * exp(')],
    ['dora', 'f32', swap(/sqrt\(/g, '1.0005 * sqrt(')],
  ])('%s is refused', async (kernel, dtype, change) => {
    let changes = 0;
    const engine = createEngine(testHost(wrongGpu(kernel, change, () => changes++)));
    await expect(loadCase(engine, 'llama3', dtype)).rejects.toMatchObject({
      code: 'engine/self-test',
      message: expect.stringMatching(
        new RegExp(`computes ${kernel === 'pack' ? 'q8 pack' : kernel} wrongly`),
      ) as string,
    });
    expect(changes, 'the sabotage fits the kernel').toBeGreaterThan(0);
    await engine.dispose();
  });

  it('a kernel that is compiled after the model is ready loses the model, before it is used', async () => {
    // The first text is that for one row of a step; this model has one kind of matrix.
    const wrong = swap(/\bdot\(/g, '1.0005 * dot(');
    const one = new Set<string>();
    const first = (code: string) => {
      if (one.size > 0 && !one.has(code)) return wrong(code);
      one.add(code);
      return code;
    };
    const gpu = wrongGpu('linear', first, () => undefined);
    const engine = createEngine(testHost(gpu));
    const model = { kind: 'directory', path: modelPath('llama3') } as const;
    let isReady = false;
    const loading = (async () => {
      for await (const event of engine.load({ model, dtype: 'f32', contextLength: 256, maxSequences: 4 }))
        if (event.type === 'ready') isReady = true;
    })();
    await expect(loading).rejects.toMatchObject({ code: 'engine/self-test' });
    expect(isReady).toBe(true);
    await expect(engine.stats()).rejects.toMatchObject({ code: 'engine/self-test' });
    await engine.dispose();
  });
});
