// Backward stages of a norm and of the branch that its kernel adds.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import { branchBackward, branchBackwardGroups } from '#lib/webgpu/kernels/norm/branch.backward.ts';
import { encodeNormBackwardCall, normBackward, normBackwardGroups } from '#lib/webgpu/kernels/norm/norm.backward.ts';
import { encodeNormCall } from '#lib/webgpu/kernels/norm/norm.ts';
import { backwardStage, type BackwardStage } from './backward-stage.ts';
import type { DecoderContext } from './decoder-context.ts';
import { branchCall, branchKind, type Branch } from './norm-stage.ts';

/** From the gradient of the sum, which stays, to that of the branch. */
export function branchBackwardStage(context: DecoderContext, branch: Branch): Promise<BackwardStage> {
  const { device, architecture: a, sizes, step, cache, vectors, ahead, threads } = context;
  const { x: dx, branch: dy } = context.training!.gradients;
  const { y, z, layer } = branch;
  const shape = { hidden: a.hidden, eps: a.normEps, residual: a.residualScale, pool: sizes.poolDtype, ahead } as const;
  const call = context.call(`branch ${layer} backward`, encodeNormCall({ ...branchCall(branch), weightAt: 0 }));
  return backwardStage(
    device,
    branchBackward,
    { ...step, ...shape, ...branchKind(branch), threads: threads.row },
    { call, y, dx, dy, vectors, z, pool: cache.pools[layer]!, state: cache.state },
    ({ rows }) => branchBackwardGroups(rows),
  );
}

export interface NormBackwardPlace {
  /** The stream as the norm read it. */
  x: DeviceBuffer;
  /** Null: the stream was not normed. */
  weightAt: number | null;
  /** Only the rows listed as outputs. */
  gather?: boolean;
  /** False: the gradient of the stream is overwritten. */
  adds?: boolean;
}

/** From the gradient of the normed stream to that of the stream. */
export function normBackwardStage(
  context: DecoderContext,
  { x, weightAt, gather = false, adds = true }: NormBackwardPlace,
): Promise<BackwardStage> {
  const { device, architecture: a, step, cache, vectors, threads } = context;
  const { x: dx, h: dh } = context.training!.gradients;
  const kind = weightAt === null ? 'none' : a.norm;
  return backwardStage(
    device,
    normBackward,
    { ...step, kind, hidden: a.hidden, eps: a.normEps, threads: threads.row, gather, adds },
    {
      call: context.call('norm backward', encodeNormBackwardCall({ weightAt: weightAt ?? 0 })),
      ...{ x, dh, dx, vectors, state: cache.state },
    },
    ({ rows }) => normBackwardGroups(rows),
  );
}
