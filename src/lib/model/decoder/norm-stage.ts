// The norm that opens a block: it adds the output of the block before it to the residual stream, then norms the sum.
// One dispatch for both, since they read the same row.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import { encodeNormCall, norm } from '#lib/webgpu/kernels/norm/norm.ts';
import type { Stack } from '../projections.ts';
import type { VectorOffsets } from '../vectors.ts';
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
  /** A number by which the stream is multiplied once the output is added. */
  scaleAt?: number | null;
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
  /** Null: the sum is not normed. */
  weightAt: number | null;
  point?: PatchPoint;
  /** Only the rows whose logits are wanted, packed together. */
  gather?: boolean;
  /** Norms the stream as it was before the block's output is added. */
  beside?: boolean;
  /** Absent: from the residual stream to the normed stream. */
  flow?: { from: DeviceBuffer; to: DeviceBuffer };
}

export async function normStage(context: DecoderContext, place: NormPlace): Promise<Stage> {
  const { device, architecture: a, sizes, step, cache, activations, vectors, ahead, threads } = context;
  const { before, weightAt, point, gather = false, beside = false } = place;
  const { from, to } = place.flow ?? { from: activations.x, to: activations.h };
  const kind = {
    branch: before !== null,
    post: isPlace(before?.postAt),
    bias: isPlace(before?.biasAt),
    scale: isPlace(before?.scaleAt),
    gather,
  };
  const shape = { hidden: a.hidden, eps: a.normEps, residual: a.residualScale, pool: sizes.poolDtype, ahead } as const;
  const own = { kind: weightAt === null ? 'none' : a.norm, beside, threads: threads.row } as const;
  const program = await device.program(norm, { ...step, ...kind, ...shape, ...own });
  const { layer, target, biasAt, postAt, scaleAt } = before ?? { layer: 0, target: 0, biasAt: null, postAt: null };
  const places = { weightAt: weightAt ?? 0, postAt: postAt ?? 0, biasAt: biasAt ?? 0, scaleAt: scaleAt ?? 0 };
  const call = encodeNormCall({ layer, target, ...places });
  const binding = device.bind(program, {
    call: context.call(point ?? 'norm', call),
    x: from,
    y: activations.branch,
    h: to,
    vectors,
    z: activations.z,
    pool: cache.pools[layer]!,
    state: cache.state,
  });
  const dispatch: Stage['dispatch'] = ({ rows, outputs }) => ({ binding, groups: [gather ? outputs : rows, 1, 1] });
  return { dispatch, ...(point && { point }) };
}

/** The norm that opens a feed-forward block. Where blocks are parallel it norms what the attention block read, by its own weights or by those of that block. */
export function ffnNormStage(
  context: DecoderContext,
  layer: number,
  at: VectorOffsets,
  before: Branch,
): Promise<Stage> {
  const { placement, sharesNorm } = context.architecture;
  const beside = placement === 'parallel';
  const weightAt = (sharesNorm ? at.attentionNorm : at.ffnNorm) ?? null;
  return normStage(context, { before, weightAt, beside, point: `ffnNorm ${layer}` });
}

const isPlace = (at: number | null | undefined): boolean => at !== null && at !== undefined;
