// A weight matrix of a layer as stages: one dispatch a part, the A half of the adapters beside the first.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import type { DecoderContext } from './decoder-context.ts';
import { createLinearLayer, type LinearLayer } from './linear-layer.ts';
import type { PatchPoint, Stage } from './stage.ts';

/** Where a matrix is among the adapted ones, and where its rows go. */
export interface LinearPlace {
  layer: number;
  x: DeviceBuffer;
  y: DeviceBuffer;
  firstTarget: number;
  targets: number;
  yStride: number;
  countWord?: number;
}

export function linearOf(context: DecoderContext, matrix: Matrix, place: LinearPlace): Promise<LinearLayer> {
  const { device, step, sizes, cache, activations } = context;
  const { x, y, ...at } = place;
  const buffers = { x, y, z: activations.z, pool: cache.pools[at.layer]!, state: cache.state };
  return createLinearLayer(device, { ...at, matrix, step, pool: sizes.poolDtype, buffers, own: context.own });
}

export async function linearStages(
  context: DecoderContext,
  matrix: Matrix,
  place: LinearPlace,
  point: PatchPoint,
): Promise<Stage[]> {
  const { parts } = await linearOf(context, matrix, place);
  return parts.map((part, i) => ({
    dispatch: ({ rows, rankWidth }) => part(rows, rankWidth),
    ...(i === parts.length - 1 && { point }),
  }));
}
