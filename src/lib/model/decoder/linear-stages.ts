// A weight matrix of a layer as stages: one dispatch a part, the A half of the adapters beside the first.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import type { Stack } from '../projections.ts';
import type { DecoderContext } from './decoder-context.ts';
import { createLinearLayer, shapesForRows } from './linear-layer.ts';
import type { PatchPoint, Stage } from './stage.ts';

/** Where rows come from and go to. */
export interface LinearFlow {
  layer: number;
  x: DeviceBuffer;
  y: DeviceBuffer;
  yStride: number;
}

export async function linearStages(
  context: DecoderContext,
  matrix: Matrix,
  { name, projections }: Stack,
  flow: LinearFlow,
): Promise<Stage[]> {
  const { device, step, sizes, cache, activations, own, later, training } = context;
  const { layer, x, y, yStride } = flow;
  const z = y === activations.branch ? activations.branchZ : activations.z;
  const { parts } = await createLinearLayer(device, {
    matrix,
    layer,
    firstTarget: projections[0]!.index,
    targets: projections.length,
    yStride,
    step,
    pool: sizes.poolDtype,
    buffers: { x, y, z, pool: cache.pools[layer]!, state: cache.state },
    own,
    later,
    ...(training && { shapes: shapesForRows(device, matrix) }),
  });
  const point: PatchPoint = `${name} ${layer}`;
  return parts.map((part, i) => ({
    dispatch: ({ rows, rankWidth }) => part(rows, rankWidth),
    ...(i === parts.length - 1 && { point }),
  }));
}
