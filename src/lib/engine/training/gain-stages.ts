// DoRA around a step of the optimizer: before it the pool gets B and magnitudes, behind it gains, with the row norms measured anew.

import type { AdaptedMatrix } from '#lib/formats/model/adapter-module.ts';
import type { AdapterPlan } from '#lib/formats/model/adapter.ts';
import { normDispatches, type RowNorms } from '#lib/model/dora-gains.ts';
import type { DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { foldGains } from '#lib/webgpu/kernels/dora/fold-gains.ts';
import { encodeGainCall, gainGroups } from '#lib/webgpu/kernels/dora/gain-call.ts';
import { unfoldGains } from '#lib/webgpu/kernels/dora/unfold-gains.ts';
import { stepParams } from '#lib/webgpu/step-state.ts';

export interface GainStages {
  /** The pool and the gradients become those of the parameters. */
  unfold: Dispatch[];
  /** The pool becomes what the forward pass reads. */
  fold: Dispatch[];
  /** The row norms that the gains in the pool were made with. */
  norms: { matrix: AdaptedMatrix; buffer: DeviceBuffer }[];
}

export interface GainPlace extends Omit<RowNorms, 'pool' | 'norms'> {
  plan: Pick<AdapterPlan, 'matrices'>;
  /** By layer. */
  pools: readonly DeviceBuffer[];
  grads: readonly DeviceBuffer[];
}

export async function createGainStages({ plan, pools, grads, ...of }: GainPlace): Promise<GainStages> {
  const { device, sizes, state, descriptor, own } = of;
  const step = stepParams(sizes.step);
  const [unfolding, folding] = await Promise.all([device.program(unfoldGains, step), device.program(foldGains, step)]);
  const stages: GainStages = { unfold: [], fold: [], norms: [] };
  const create = (label: string, bytes: number) => {
    const buffer = device.createBuffer(label, bytes);
    own(buffer);
    return buffer;
  };
  for (const matrix of plan.matrices) {
    const { index: target, output: outputs } = matrix.target;
    const pool = pools[matrix.layer]!;
    const norms = create('row norms', outputs * 4);
    stages.norms.push({ matrix, buffer: norms });
    const words = encodeGainCall({ outputs, target, descriptor });
    const call = create('gain call', words.byteLength);
    device.write(call, 0, words);
    const bound = { call, norms, pool, state };
    const groups = gainGroups(outputs);
    const unfold = device.bind(unfolding, { ...bound, grads: grads[matrix.layer]! });
    stages.unfold.push({ binding: unfold, groups });
    stages.fold.push(...(await normDispatches({ ...of, pool, norms }, matrix)));
    stages.fold.push({ binding: device.bind(folding, bound), groups });
  }
  return stages;
}
