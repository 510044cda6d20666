// Embeddings and heads of adapters as the optimizer takes them: with moments, and with what their parameters are multiplied by.

import { SCALE_ELEMENTS } from '#lib/webgpu/kernels/adamw/optimizer-table.ts';
import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import type { OptimizerTable } from './optimizer.ts';
import { weightsOf } from './table-stages.ts';
import type { TrainedAdapter } from './training-set.ts';

/** `create`: a buffer of zeros that the caller owns. Tables of one adapter stand together. */
export function optimizerTables(
  adapters: readonly Pick<TrainedAdapter, 'tables'>[],
  create: (label: string, elements: number, values?: Float32Array<ArrayBuffer>) => DeviceBuffer,
): OptimizerTable[] {
  return adapters.flatMap(({ tables }, job) =>
    (tables?.matrices ?? []).map(({ of, scale }): OptimizerTable => {
      const elements = of.sums.bytes / 4;
      const scales = new Float32Array(elements / SCALE_ELEMENTS).fill(scale);
      return {
        ...{ job, pool: weightsOf(of), grads: of.sums },
        scales: create('scales of a table', scales.length, scales),
        first: create('first moments of a table', elements),
        second: create('second moments of a table', elements),
      };
    }),
  );
}
