// Computes DoRA's factor for each output row on the GPU: magnitude divided by the norm of the adapted row.

import type { Folder } from '#lib/core/folder.ts';
import type { AdaptedMatrix } from '#lib/formats/model/adapter-module.ts';
import type { AdapterPlan } from '#lib/formats/model/adapter.ts';
import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { dora, doraGroups, encodeDoraCall } from '#lib/webgpu/kernels/dora/dora.ts';
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
    const norms = device.createBuffer('dora norms', magnitude.byteLength);
    const words: DeviceBuffer[] = [];
    const pool = transformer.pools[matrix.layer]!;
    const own = (buffer: DeviceBuffer) => void words.push(buffer);
    const of = { device, architecture, weights, sizes, state, pool, descriptor, norms, own };
    const calls = await normDispatches(of, matrix);
    const measured = new Float32Array(await device.submitAndRead(calls, norms, magnitude.byteLength));
    gains.set(
      matrix,
      magnitude.map((m, n) => m / measured[n]!),
    );
    for (const buffer of words) buffer.destroy();
    norms.destroy();
  }
  return (matrix) => gains.get(matrix)!;
}

export interface RowNorms extends Pick<
  DoraGainsOptions,
  'device' | 'architecture' | 'weights' | 'sizes' | 'descriptor'
> {
  state: DeviceBuffer;
  /** Of the layer, with B times alpha / rank. */
  pool: DeviceBuffer;
  /** Written: one for each output. */
  norms: DeviceBuffer;
  own(buffer: DeviceBuffer): void;
}

/** Measure the norm of each row of a matrix with its adapter: a dispatch for each part of the stack that has such rows. */
export async function normDispatches(
  of: RowNorms,
  { layer, target }: Pick<AdaptedMatrix, 'layer' | 'target'>,
): Promise<Dispatch[]> {
  const { device, architecture, weights, sizes, state, pool, descriptor, norms, own } = of;
  const { index } = target;
  const { stack, firstRow } = projectionsOf(atLayer(architecture, layer)).find((one) => one.index === index)!;
  const stacked = weights.layers[layer]![stack]!;
  const { dtype, groups } = stacked;
  const program = await device.program(dora, { ...stepParams(sizes.step), dtype, pool: sizes.poolDtype });
  return stacked.parts.flatMap((part): Dispatch[] => {
    const from = Math.max(firstRow, part.firstRow);
    const to = Math.min(firstRow + target.output, part.firstRow + part.rows);
    if (from >= to) return [];
    const place = { matrixRow: from - part.firstRow, firstRow: from - firstRow };
    const words = encodeDoraCall({ ...place, rows: to - from, groups, layer, target: index, descriptor });
    const call = device.createBuffer('dora call', words.byteLength);
    own(call);
    device.write(call, 0, words);
    const bound = { call, weights: part.weights, scales: part.scales, pool, state, norms };
    return [{ binding: device.bind(program, bound), groups: doraGroups(to - from) }];
  });
}
