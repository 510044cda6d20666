// A weight matrix of a layer in the backward pass, as stages: gradients of the adapters of its projections, and of its input
// (docs/adr/0044-training-is-a-step-run-backwards.md). The forward pass of the same rows ran before, with the same buffers.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import type { Groups, Kernel, KernelParams } from '#lib/webgpu/kernel.ts';
import { aGradients, aGradientsGroups } from '#lib/webgpu/kernels/adapter-gradients/a-gradients.ts';
import { bGradients, bGradientsGroups } from '#lib/webgpu/kernels/adapter-gradients/b-gradients.ts';
import { gainGradients, gainGradientsGroups } from '#lib/webgpu/kernels/adapter-gradients/gain-gradients.ts';
import { gainedOutputs, gainedOutputsGroups } from '#lib/webgpu/kernels/adapter-gradients/gained-outputs.ts';
import { encodeGradientCall, gradientShape } from '#lib/webgpu/kernels/adapter-gradients/gradient-call.ts';
import { inputGradients, inputGradientsGroups } from '#lib/webgpu/kernels/adapter-gradients/input-gradients.ts';
import { rankGradients, rankGradientsGroups } from '#lib/webgpu/kernels/adapter-gradients/rank-gradients.ts';
import {
  encodeLinearBackwardCall,
  linearBackward,
  linearBackwardGroups,
  linearBackwardShape,
} from '#lib/webgpu/kernels/linear/linear.backward.ts';
import type { Matrix } from '#lib/webgpu/matrix.ts';
import { HEADER } from '#lib/webgpu/step-state.ts';
import type { Stack } from '../projections.ts';
import { backwardStage, type BackwardCounts, type BackwardStage } from './backward-stage.ts';
import type { DecoderContext } from './decoder-context.ts';

/** Of one layer. */
export interface AdapterGradientBuffers {
  /** Pages as in the layer's pool. */
  grads: DeviceBuffer;
  /** Which rows count for which gradient. */
  runs: DeviceBuffer;
  /** As large as z, for any matrix. */
  u: DeviceBuffer;
  /** False: no step has an adapter with DoRA, and its kernels are not compiled. */
  gains: boolean;
}

/** Rows as the forward pass read and wrote them, and their gradients in the same shape. */
export interface LinearBackwardFlow {
  layer: number;
  x: DeviceBuffer;
  y: DeviceBuffer;
  yStride: number;
  z: DeviceBuffer;
  /** In steps with DoRA it is left multiplied by gains. */
  dy: DeviceBuffer;
  dx: DeviceBuffer;
  /** False: dX is overwritten. */
  adds: boolean;
}

export async function linearBackwardStages(
  context: Pick<DecoderContext, 'device' | 'step' | 'call'> & {
    sizes: Pick<DecoderContext['sizes'], 'poolDtype'>;
    cache: Pick<DecoderContext['cache'], 'pools' | 'state'>;
  },
  matrix: Pick<Matrix, 'groups' | 'dtype' | 'parts'>,
  { name, rows: outputs, projections }: Pick<Stack, 'name' | 'rows' | 'projections'>,
  flow: LinearBackwardFlow,
  { grads, runs, u, gains: hasGains }: AdapterGradientBuffers,
): Promise<BackwardStage[]> {
  const { device, step, sizes, cache } = context;
  const { layer, x, y, yStride, z, dy, dx } = flow;
  const state = cache.state;
  const pool = cache.pools[layer]!;
  const starts = [...projections.map(({ firstRow }) => firstRow), outputs];
  const ofAdapters = { groups: matrix.groups, yStride, layer, firstTarget: projections[0]!.index, starts };
  const call = context.call(`${name} ${layer} gradients`, encodeGradientCall(ofAdapters));
  const shape = { ...step, ...gradientShape(device) };
  const paged = { ...shape, pool: sizes.poolDtype };
  const alone = { ...step, pool: sizes.poolDtype, threads: shape.threads };

  const stage = <P extends KernelParams, B extends string>(
    kernel: Kernel<P, B>,
    params: P,
    buffers: Record<B, DeviceBuffer>,
    groupsOf: (counts: BackwardCounts) => Groups | null,
  ) =>
    backwardStage(device, kernel, params, buffers, (counts) =>
      counts.rankWidth > 0 || kernel.name === linearBackward.name ? groupsOf(counts) : null,
    );
  const back = linearBackwardShape(device);
  const ofGains = () => [
    stage(gainGradients, alone, { call, dy, y, z, pool, grads, runs, state }, ({ gradients, gains }) =>
      gains ? gainGradientsGroups(ofAdapters, gradients, shape) : null,
    ),
    stage(gainedOutputs, alone, { call, dy, pool, state }, ({ rows, gains }) =>
      gains ? gainedOutputsGroups(ofAdapters, rows, shape) : null,
    ),
  ];
  return Promise.all([
    stage(rankGradients, paged, { call, dy, pool, u, state }, ({ rows, rankWidth }) =>
      rankGradientsGroups(projections.length, rows, rankWidth, shape),
    ),
    stage(aGradients, shape, { call, x, u, grads, runs, state }, ({ rankWidth, gradients }) =>
      aGradientsGroups(ofAdapters, rankWidth, gradients, shape),
    ),
    stage(bGradients, shape, { call, dy, z, grads, runs, state }, ({ rankWidth, gradients }) =>
      bGradientsGroups(ofAdapters, rankWidth, gradients, shape),
    ),
    ...(hasGains ? ofGains() : []),
    ...matrix.parts.map(({ firstRow, rows: height, weights, scales }) => {
      const part = { rows: height, firstRow, groups: matrix.groups, yStride, countWord: HEADER.rows };
      const words = encodeLinearBackwardCall({ ...part, adds: flow.adds || firstRow > 0 });
      return stage(
        linearBackward,
        { ...step, ...back, dtype: matrix.dtype },
        { call: context.call(`${name} ${layer} backward`, words), dy, weights, scales, dx, state },
        ({ rows }) => linearBackwardGroups(part, rows, back),
      );
    }),
    stage(inputGradients, paged, { call, u, pool, dx, state }, ({ rows }) =>
      inputGradientsGroups(ofAdapters, rows, shape),
    ),
  ]);
}
