// The norms of the rows of base matrices as a device has them, packed weights unpacked: the magnitudes that DoRA starts from.

import { normDispatches } from '#lib/model/dora-gains.ts';
import type { Projection } from '#lib/model/projections.ts';
import type { ModelWeights } from '#lib/model/weights.ts';
import type { Architecture } from '#lib/model/architecture.ts';
import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import type { ChosenModule } from './chosen-modules.ts';
import { trainingSizes } from './training-sizes.ts';

export interface BaseWeights {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
}

/** By module, in the order of its projections. */
export async function measureRowNorms(
  { device, architecture, weights }: BaseWeights,
  modules: readonly ChosenModule[],
): Promise<Float32Array[][]> {
  const { maxBindingBytes } = device;
  const sizes = trainingSizes(architecture, { rows: 1, segments: 1, length: 1, maxBindingBytes });
  const owned: DeviceBuffer[] = [];
  const create = (label: string, bytes: number) => {
    const buffer = device.createBuffer(label, bytes);
    owned.push(buffer);
    return buffer;
  };
  const own = (buffer: DeviceBuffer) => void owned.push(buffer);
  try {
    // The descriptor at 0 is of an adapter that changes nothing: all its ranks are 0. The kernel divides by the width of a row of B.
    const state = create('state without adapters', sizes.step.words * 4);
    const descriptor = Uint32Array.from({ length: 2 * sizes.step.targets }, (_, i) => (i % 2 === 1 ? 4 : 0));
    device.write(state, sizes.step.adapters * 4, descriptor);
    const pool = create('pool without adapters', 16);
    const measure = async (layer: number, target: Projection) => {
      const bytes = target.output * 4;
      const norms = create('row norms', bytes);
      const of = { device, architecture, weights, sizes, state, pool, descriptor: 0, norms, own };
      device.submit(await normDispatches(of, { layer, target }));
      return new Float32Array(await device.read(norms, 0, bytes));
    };
    const all: Float32Array[][] = [];
    for (const { layer, projections } of modules) {
      const ofModule: Float32Array[] = [];
      for (const target of projections) ofModule.push(await measure(layer, target));
      all.push(ofModule);
    }
    return all;
  } finally {
    for (const buffer of owned) buffer.destroy();
  }
}
