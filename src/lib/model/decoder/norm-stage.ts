// The norm that opens a block: it adds the output of the block before it to the residual stream, then norms the sum.
// One dispatch for both, since they read the same row.

import { encodeNormCall, norm } from '#lib/webgpu/kernels/norm/norm.ts';
import type { Stack } from '../projections.ts';
import type { DecoderContext } from './decoder-context.ts';
import type { PatchPoint, Stage } from './stage.ts';

/**
 * A block's output that lies in `activations.branch` and is not yet part of the residual stream. The norm that adds it also adds the
 * bias and the B half of the adapters of the block's last matrix.
 */
export interface Branch {
  layer: number;
  /** The block's last matrix in the adapters' page tables. */
  target: number;
  /** Offsets into the model's vectors; null where the block has none. */
  biasAt: number | null;
  /** Weights of a norm over the output itself. */
  postAt: number | null;
}

/** The output of a block whose last matrix is `stack`. */
export const branchOf = (layer: number, { projections }: Stack, biasAt?: number, postAt?: number): Branch => ({
  layer,
  target: projections[0]!.index,
  biasAt: biasAt ?? null,
  postAt: postAt ?? null,
});

export interface NormPlace {
  /** Null before the first block: there is nothing to add. */
  before: Branch | null;
  weightAt: number;
  point: PatchPoint;
  /** Only the rows whose logits are wanted, packed together. */
  gather?: boolean;
}

export async function normStage(context: DecoderContext, place: NormPlace): Promise<Stage> {
  const { device, architecture: a, sizes, step, cache, activations, vectors, ahead, threads } = context;
  const { before, weightAt, point, gather = false } = place;
  const kind = { branch: before !== null, post: isPlace(before?.postAt), bias: isPlace(before?.biasAt), gather };
  const shape = { hidden: a.hidden, eps: a.normEps, residual: a.residualScale, pool: sizes.poolDtype, ahead } as const;
  const program = await device.program(norm, { ...step, ...kind, ...shape, threads: threads.row });
  const { layer, target, biasAt, postAt } = before ?? { layer: 0, target: 0, biasAt: null, postAt: null };
  const call = encodeNormCall({ layer, target, weightAt, postAt: postAt ?? 0, biasAt: biasAt ?? 0 });
  const binding = device.bind(program, {
    call: context.call(point, call),
    x: activations.x,
    y: activations.branch,
    h: activations.h,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  return { dispatch: ({ rows, outputs }) => ({ binding, groups: [gather ? outputs : rows, 1, 1] }), point };
}

const isPlace = (at: number | null | undefined): boolean => at !== null && at !== undefined;
