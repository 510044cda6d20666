// The norm that opens a block: it adds the output of the block before it to the residual stream, then norms the sum.
// One dispatch for both, since they read the same row.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import { encodeNormCall, norm } from '#lib/webgpu/kernels/norm/norm.ts';
import type { Architecture } from '../architecture.ts';
import type { Stack } from '../projections.ts';
import type { VectorOffsets } from '../vectors.ts';
import type { Activations } from './activations.ts';
import type { DecoderContext } from './decoder-context.ts';
import type { PatchPoint, Stage } from './stage.ts';

/**
 * A block's output that is not yet part of the residual stream. The norm that adds it also adds the
 * bias and the B half of the adapters of the block's last matrix.
 */
export interface Branch {
  /** The output. */
  y: DeviceBuffer;
  /** A · x of the adapters of its last matrix. */
  z: DeviceBuffer;
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
export const branchOf = (
  { branch: y, branchZ: z }: Activations,
  layer: number,
  { projections }: Stack,
  biasAt?: number,
  postAt?: number,
): Branch => ({
  ...{ y, z, layer },
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
  const kind = { branch: before !== null, ...branchKind(before), gather };
  const shape = { hidden: a.hidden, eps: a.normEps, residual: a.residualScale, pool: sizes.poolDtype, ahead } as const;
  const own = { kind: weightAt === null ? 'none' : a.norm, beside, threads: threads.row } as const;
  const program = await device.program(norm, { ...step, ...kind, ...shape, ...own });
  const layer = before?.layer ?? 0;
  const call = encodeNormCall({ ...branchCall(before), weightAt: weightAt ?? 0 });
  const binding = device.bind(program, {
    call: context.call(point ?? 'norm', call),
    x: from,
    y: before?.y ?? activations.branch,
    h: to,
    vectors,
    z: before?.z ?? activations.branchZ,
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
  const { architecture } = context;
  const beside = architecture.placement === 'parallel';
  const weightAt = ffnNormAt(architecture, at);
  return normStage(context, { before, weightAt, beside, point: `ffnNorm ${layer}` });
}

/** Null where a feed-forward block reads the stream as it is. */
export const ffnNormAt = ({ sharesNorm }: Pick<Architecture, 'sharesNorm'>, at: VectorOffsets): number | null =>
  (sharesNorm ? at.attentionNorm : at.ffnNorm) ?? null;

/** What is done with a branch before it is added, for the kernels of both directions. */
export const branchKind = (branch: Branch | null) => ({
  post: isPlace(branch?.postAt),
  bias: isPlace(branch?.biasAt),
  scale: isPlace(branch?.scaleAt),
});

export const branchCall = (branch: Branch | null) => ({
  ...{ layer: branch?.layer ?? 0, target: branch?.target ?? 0 },
  ...{ postAt: branch?.postAt ?? 0, biasAt: branch?.biasAt ?? 0, scaleAt: branch?.scaleAt ?? 0 },
});

const isPlace = (at: number | null | undefined): boolean => at !== null && at !== undefined;
