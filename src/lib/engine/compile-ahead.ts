// Starts to compile the kernels of a first answer all at once, before weights are read: compiling takes longest of a load, each
// kernel keeps one core busy, and the decoder asks for one after the other.

import type { WeightDtype } from '#lib/core/tensor.ts';
import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { createLaterKernels } from '#lib/model/decoder/later-kernels.ts';
import { TABLE_DTYPE } from '#lib/model/weights.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { pack } from '#lib/webgpu/kernels/pack/pack.ts';
import { createMeasuringDevice, type MeasuringDevice } from '#lib/webgpu/measuring-device.ts';
import { rehearseLoad, type ModelPlan } from './rehearse-load.ts';

/** `packs`: weights will be packed. Does not wait for the kernels. What does not compile is reported to the decoder, which asks for it again. */
export async function compileAhead(
  device: Device,
  plan: ModelPlan,
  dtype: WeightDtype,
  sizes: DecoderSizes,
  packs: boolean,
): Promise<void> {
  if (device.kind === 'reference') return;
  const start: Device['program'] = (kernel, params) => {
    device.program(kernel, params).catch(() => undefined);
    return Promise.resolve({ kernel, params });
  };
  // The first that a load needs.
  if (packs) for (const of of new Set([dtype, TABLE_DTYPE[dtype]])) void start(pack, { dtype: of });
  const { kind, software, lanes, maxThreads, features } = device;
  const planning: MeasuringDevice = {
    ...createMeasuringDevice(device),
    ...{ kind, software, lanes, maxThreads, features },
    program: start,
  };
  await rehearseLoad(planning, plan, dtype, sizes, createLaterKernels());
}
