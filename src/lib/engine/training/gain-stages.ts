// DoRA around a step of the optimizer: before it the pool gets B and magnitudes, behind it gains, with the row norms measured anew.

import type { AdaptedMatrix } from '#lib/formats/model/adapter-module.ts';
import type { AdapterPlan } from '#lib/formats/model/adapter.ts';
import { normDispatches, type RowNorms } from '#lib/model/dora-gains.ts';
import type { DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { foldGains } from '#lib/webgpu/kernels/dora/fold-gains.ts';
import { encodeGainCall, gainGroups } from '#lib/webgpu/kernels/dora/gain-call.ts';
import { unfoldGains } from '#lib/webgpu/kernels/dora/unfold-gains.ts';
import { unfoldGradients, unfoldGradientsGroups } from '#lib/webgpu/kernels/dora/unfold-gradients.ts';
import { stepParams } from '#lib/webgpu/step-state.ts';

export interface GainStages {
  /** Gradients at these descriptors become those of the parameters; to be submitted before the next call, and before `unfold`. */
  gradients(places: readonly number[]): Dispatch[];
  /** The pool becomes that of the parameters. */
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
  /** Gradients of the adapter that are in memory together. */
  mostPlaces: number;
}

export async function createGainStages({ plan, pools, grads, mostPlaces, ...of }: GainPlace): Promise<GainStages> {
  const { device, sizes, state, descriptor, own } = of;
  const step = stepParams(sizes.step);
  const [ofGradients, unfolding, folding] = await Promise.all([
    device.program(unfoldGradients, step),
    device.program(unfoldGains, step),
    device.program(foldGains, step),
  ]);
  const unfold: Dispatch[] = [];
  const fold: Dispatch[] = [];
  const allNorms: GainStages['norms'] = [];
  const gradients: ((places: number) => Dispatch)[] = [];
  const create = (label: string, bytes: number) => {
    const buffer = device.createBuffer(label, bytes);
    own(buffer);
    return buffer;
  };
  const places = create('places of gradients', mostPlaces * 4);
  for (const matrix of plan.matrices) {
    const { index: target, output: outputs } = matrix.target;
    const pool = pools[matrix.layer]!;
    const norms = create('row norms', outputs * 4);
    allNorms.push({ matrix, buffer: norms });
    const words = encodeGainCall({ outputs, target, descriptor });
    const call = create('gain call', words.byteLength);
    device.write(call, 0, words);
    const bound = { call, norms, pool, state };
    const groups = gainGroups(outputs);
    const ofMatrix = device.bind(ofGradients, { ...bound, places, grads: grads[matrix.layer]! });
    gradients.push((count) => ({ binding: ofMatrix, groups: unfoldGradientsGroups(outputs, count) }));
    unfold.push({ binding: device.bind(unfolding, bound), groups });
    fold.push(...(await normDispatches({ ...of, pool, norms }, matrix)));
    fold.push({ binding: device.bind(folding, bound), groups });
  }
  return {
    gradients(at) {
      if (at.length === 0) return [];
      device.write(places, 0, Uint32Array.from(at));
      return gradients.map((stage) => stage(at.length));
    },
    ...{ unfold, fold, norms: allNorms },
  };
}
