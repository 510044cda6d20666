// What constrained requests need on the GPU beside the decoder: the tokens of their sequences, their constraints, a bias for every
// token, and two dispatches instead of one where a step samples. Made with the first such request, so other sessions pay nothing.

import type { DeviceBuffer } from '#lib/webgpu/device.ts';
import {
  constrain,
  constrainGroups,
  encodeConstraint,
  encodeLists,
  type Constraint,
  type ConstraintLists,
} from '#lib/webgpu/kernels/constrain/constrain.ts';
import { CONSTRAINT_WORDS } from '#lib/webgpu/kernels/constrain/constraint-words.ts';
import type { DecoderContext } from './decoder-context.ts';
import { sampleStage } from './end-stages.ts';
import type { Stage } from './stage.ts';

export interface ConstraintStages {
  /** In place of the plain sampler. */
  stages: Stage[];
  /** A sequence that begins with `ids`. */
  begin(slot: number, ids: readonly number[], constraint: Constraint): void;
  destroy(): void;
}

export async function createConstraintStages(
  context: DecoderContext,
  listed: ConstraintLists,
): Promise<ConstraintStages> {
  const { device, architecture: a, sizes, step, cache } = context;
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
    const words = encodeLists(listed);
    const lists = buffer('constraint lists', words.length);
    device.write(lists, 0, words);
    const constraints = buffer('constraints', maxSequences * CONSTRAINT_WORDS);
    const history = buffer('token history', maxSequences * contextLength);
    const bias = buffer('token biases', maxOutputs * a.vocab);
    const threads = device.software ? 32 : 256;
    const params = { ...step, vocab: a.vocab, contextLength, threads };
    const program = await device.program(constrain, params);
    const binding = device.bind(program, { lists, constraints, state: cache.state, history, bias });
    return {
      stages: [
        { dispatch: ({ outputs }) => ({ binding, groups: constrainGroups(outputs) }) },
        await sampleStage(context, bias),
      ],
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
