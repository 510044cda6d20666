// What constrained requests need on the GPU beside the decoder: the tokens of their sequences, their constraints, a bias for every
// token, and two dispatches instead of one where a step samples. Made when the first such request comes, so others pay nothing.

import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import {
  constrain,
  constrainGroups,
  encodeConstraint,
  encodeLists,
  type Constraint,
  type ConstraintLists,
} from '#lib/webgpu/kernels/constrain/constrain.ts';
import { CONSTRAINT_WORDS } from '#lib/webgpu/kernels/constrain/constraint-words.ts';
import { stepParams } from '#lib/webgpu/step-state.ts';
import type { Architecture } from './architecture.ts';
import type { DecoderSizes } from './decoder-sizes.ts';
import type { DecoderStages, Stage } from './decoder-stages.ts';

export interface ConstraintStages {
  /** In place of the plain sampler. */
  stages: Stage[];
  /** A sequence that begins with `ids`. */
  begin(slot: number, ids: readonly number[], constraint: Constraint): void;
  destroy(): void;
}

export interface ConstraintStagesOptions {
  device: Device;
  architecture: Architecture;
  sizes: DecoderSizes;
  state: DeviceBuffer;
  make: Pick<DecoderStages, 'sample'>;
  lists: ConstraintLists;
}

export async function createConstraintStages(options: ConstraintStagesOptions): Promise<ConstraintStages> {
  const { device, architecture: a, sizes, state, make } = options;
  const { maxSequences, maxOutputs, contextLength } = sizes;
  const owned: DeviceBuffer[] = [];
  const buffer = (label: string, words: number) => {
    const made = device.createBuffer(label, words * 4);
    owned.push(made);
    return made;
  };
  const destroy = () => {
    for (const made of owned) made.destroy();
  };
  try {
    const words = encodeLists(options.lists);
    const lists = buffer('constraint lists', words.length);
    device.write(lists, 0, words);
    const constraints = buffer('constraints', maxSequences * CONSTRAINT_WORDS);
    const history = buffer('token history', maxSequences * contextLength);
    const bias = buffer('token biases', maxOutputs * a.vocab);
    const threads = device.software ? 32 : 256;
    const params = { ...stepParams(sizes.step), vocab: a.vocab, contextLength, threads };
    const program = await device.program(constrain, params);
    const binding = device.bind(program, { lists, constraints, state, history, bias });
    return {
      stages: [({ outputs }) => ({ binding, groups: constrainGroups(outputs) }), await make.sample(bias)],
      begin(slot, ids, constraint) {
        device.write(constraints, slot * CONSTRAINT_WORDS * 4, encodeConstraint(constraint));
        device.write(history, slot * contextLength * 4, Uint32Array.from(ids));
      },
      destroy,
    };
  } catch (error) {
    destroy();
    throw error;
  }
}
