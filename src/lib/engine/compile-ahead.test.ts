// What is compiled ahead is what the decoder asks for, no more and no less.

import { expect, it } from 'vitest';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { createLaterKernels } from '#lib/model/decoder/later-kernels.ts';
import type { Device, Program } from '#lib/webgpu/device.ts';
import { createMeasuringDevice, type MeasuringDevice } from '#lib/webgpu/measuring-device.ts';
import { FAMILY_CASES, modelPath, openFixture } from '#tests/support/fixtures.ts';
import { compileAhead } from './compile-ahead.ts';
import { readModelPlan } from './predict-load.ts';
import { rehearseLoad } from './rehearse-load.ts';
import { sessionSizes } from './session-sizes.ts';

/** A device like a card that notes what it is asked to compile. */
function notingDevice(): { device: MeasuringDevice; asked: Set<string> } {
  const asked = new Set<string>();
  const program: Device['program'] = (kernel, params) => {
    asked.add(`${kernel.name} ${JSON.stringify(params)}`);
    return Promise.resolve<Program>({ kernel, params });
  };
  const measuring = createMeasuringDevice({ maxBindingBytes: 2 ** 31 });
  return { device: { ...measuring, kind: 'webgpu', software: false, maxThreads: 1024, program }, asked };
}

it.each(FAMILY_CASES.flatMap((name) => (['f32', 'q4'] as const).map((dtype): [string, WeightDtype] => [name, dtype])))(
  'of %s in %s',
  async (name, dtype) => {
    const plan = await readModelPlan(openFixture(modelPath(name)));
    const ahead = notingDevice();
    const sizes = sessionSizes(plan.architecture, { dtype, contextLength: 64 }, ahead.device);
    await compileAhead(ahead.device, plan, dtype, sizes, true);
    const [packing, rest] = [true, false].map((isPack) =>
      [...ahead.asked].filter((one) => one.startsWith('pack ') === isPack),
    );
    expect(packing).toEqual(
      [...new Set(dtype === 'f32' ? ['f32'] : ['q4', 'q8'])].map((of) => `pack {"dtype":"${of}"}`),
    );
    const unpacking = notingDevice();
    await compileAhead(unpacking.device, plan, dtype, sizes, false);
    expect(unpacking.asked).toEqual(new Set(rest));
    const decoder = notingDevice();
    const later = createLaterKernels();
    await rehearseLoad(decoder.device, plan, dtype, sizes, later);
    expect(rest!.sort()).toEqual([...decoder.asked].sort());

    const all = notingDevice();
    await rehearseLoad(all.device, plan, dtype, sizes);
    const judged: Program[] = [];
    await later.finish(async (programs) => void judged.push(...programs));
    expect(judged.length).toBeGreaterThan(0);
    expect(new Set(judged.map(({ kernel }) => kernel.name))).toEqual(new Set(['linear']));
    expect(decoder.asked).toEqual(all.asked);
    expect(later.isOpen).toBe(false);
  },
);
