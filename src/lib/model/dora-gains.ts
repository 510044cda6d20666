// What a DoRA adapter multiplies each output row by: its magnitude over the norm of the adapted row, measured on the GPU.

import type { Folder } from '#lib/core/folder.ts';
import type { AdaptedMatrix, AdapterPlan, AdapterTarget } from '#lib/formats/model/adapter.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { dora, doraGroups, encodeDoraCall, type DoraCall } from '#lib/webgpu/kernels/dora/dora.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import { stepParams } from '#lib/webgpu/step-state.ts';
import type { DecoderSizes } from './decoder/decoder-sizes.ts';
import { readTensor, TARGET_ORDER, type Gains } from './lora.ts';
import type { Transformer } from './decoder/transformer.ts';
import type { LayerWeights, ModelWeights } from './weights.ts';

export interface DoraGainsOptions {
  device: Device;
  weights: ModelWeights;
  transformer: Transformer;
  sizes: DecoderSizes;
  folder: Folder;
  plan: AdapterPlan;
  /** Where the adapter, packed without gains, is resident. */
  descriptor: number;
}

export async function doraGains(options: DoraGainsOptions): Promise<NonNullable<Gains>> {
  const { device, weights, transformer, sizes, folder, plan, descriptor } = options;
  const { state } = transformer;
  const gains = new Map<AdaptedMatrix, Float32Array>();
  for (const matrix of plan.matrices) {
    const magnitude = await readTensor(folder, matrix.magnitude!);
    const { stacked, firstRow } = placeOf(weights.layers[matrix.layer]!, matrix.target, matrix.b.shape[0]!);
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
        target: TARGET_ORDER.indexOf(matrix.target),
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

/** The stacked matrix a target of `height` rows lives in, and the row where it starts. */
function placeOf(layer: LayerWeights, target: AdapterTarget, height: number): { stacked: Matrix; firstRow: number } {
  switch (target) {
    case 'q':
      return { stacked: layer.qkv, firstRow: 0 };
    case 'k':
      return { stacked: layer.qkv, firstRow: layer.qkv.rows - 2 * height };
    case 'v':
      return { stacked: layer.qkv, firstRow: layer.qkv.rows - height };
    case 'o':
      return { stacked: layer.o, firstRow: 0 };
    case 'gate':
      return { stacked: layer.gateUp, firstRow: 0 };
    case 'up':
      return { stacked: layer.gateUp, firstRow: height };
    case 'down':
      return { stacked: layer.down, firstRow: 0 };
  }
}
