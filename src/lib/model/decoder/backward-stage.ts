// A stage of a backward pass: one dispatch, bound to its buffers once. A step in which it has nothing to do leaves it out.

import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import type { Groups, Kernel, KernelParams } from '#lib/webgpu/kernel.ts';
import type { StepCounts } from './stage.ts';

/** What the stages of a backward pass have to know of a step. */
export interface BackwardCounts extends Pick<StepCounts, 'rows' | 'rankWidth'> {
  /** Gradients of adapters that the buffer of runs lists. */
  gradients: number;
  /** Some row has an adapter with DoRA. */
  gains: boolean;
}

export interface BackwardStage {
  dispatch(counts: BackwardCounts): Dispatch | null;
}

export async function backwardStage<P extends KernelParams, B extends string>(
  device: Pick<Device, 'program' | 'bind'>,
  kernel: Kernel<P, B>,
  params: P,
  buffers: Record<B, DeviceBuffer>,
  groupsOf: (counts: BackwardCounts) => Groups | null,
): Promise<BackwardStage> {
  const binding = device.bind(await device.program(kernel, params), buffers);
  return {
    dispatch(counts) {
      const groups = groupsOf(counts);
      return groups?.every((count) => count > 0) ? { binding, groups } : null;
    },
  };
}

/** What a block of a layer computes backwards. */
export interface BlockBackward {
  /** From the gradient of the block's output to that of its normed input. */
  inner: readonly BackwardStage[];
  /** Adds the gradient through the block's norm to that of the stream. */
  norm: BackwardStage;
}
