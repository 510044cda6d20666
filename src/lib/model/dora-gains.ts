// Computes DoRA's factor for each output row on the GPU: magnitude divided by the norm of the adapted row.

import type { Folder } from '#lib/core/folder.ts';
import type { AdaptedMatrix } from '#lib/formats/model/adapter-module.ts';
import type { AdapterPlan } from '#lib/formats/model/adapter.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { dora, doraGroups, encodeDoraCall, type DoraCall } from '#lib/webgpu/kernels/dora/dora.ts';
import { stepParams } from '#lib/webgpu/step-state.ts';
import type { DecoderSizes } from './decoder/decoder-sizes.ts';
import type { Architecture } from './architecture.ts';
import { readTensor, type Gains } from './lora.ts';
import { atLayer } from './at-layer.ts';
import { projectionsOf } from './projections.ts';
import type { Transformer } from './decoder/transformer.ts';
import type { ModelWeights } from './weights.ts';

export interface DoraGainsOptions {
  device: Device;
  architecture: Architecture;
  weights: ModelWeights;
  /** Buffers of the step state and the adapter's pages. */
  transformer: Pick<Transformer, 'state' | 'pools'>;
  sizes: DecoderSizes;
  folder: Folder;
  plan: AdapterPlan;
  /** Offset in the state of the descriptor of the adapter, packed without gains. */
  descriptor: number;
}

export async function doraGains(options: DoraGainsOptions): Promise<NonNullable<Gains>> {
  const { device, architecture, weights, transformer, sizes, folder, plan, descriptor } = options;
  const { state } = transformer;
  const gains = new Map<AdaptedMatrix, Float32Array>();
  for (const matrix of plan.matrices) {
    const magnitude = await readTensor(folder, matrix.magnitude!);
    const { index } = matrix.target;
    const { stack, firstRow } = projectionsOf(atLayer(architecture, matrix.layer)).find((of) => of.index === index)!;
    const stacked = weights.layers[matrix.layer]![stack]!;
    const { dtype } = stacked;
    const program = await device.program(dora, { ...stepParams(sizes.step), dtype, pool: sizes.poolDtype });
    const norms = device.createBuffer('dora norms', magnitude.byteLength);
    const calls = stacked.parts.flatMap((part) => {
      const from = Math.max(firstRow, part.firstRow);
      const to = Math.min(firstRow + magnitude.length, part.firstRow + part.rows);
      if (from >= to) return [];
      const call: DoraCall = {
        rows: to - from,
        groups: stacked.groups,
        matrixRow: from - part.firstRow,
        firstRow: from - firstRow,
        layer: matrix.layer,
        target: index,
        descriptor,
      };
      const words = device.createBuffer('dora call', 32);
      device.write(words, 0, encodeDoraCall(call));
      const buffers = {
        call: words,
        weights: part.weights,
        scales: part.scales,
        pool: transformer.pools[matrix.layer]!,
      };
      return [{ words, groups: doraGroups(call.rows), binding: device.bind(program, { ...buffers, state, norms }) }];
    });
    const measured = new Float32Array(await device.submitAndRead(calls, norms, magnitude.byteLength));
    gains.set(
      matrix,
      magnitude.map((m, n) => m / measured[n]!),
    );
    for (const { words } of calls) words.destroy();
    norms.destroy();
  }
  return (matrix) => gains.get(matrix)!;
}
