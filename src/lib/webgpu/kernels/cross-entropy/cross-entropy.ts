// The loss of every output of a step, and the gradient of its logits, which replaces them. Logits come in chunks of some rows, since the
// logits of all rows at once would be the largest buffer of a trainer.

import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { overThreads } from '../shared/over-threads.ts';
import source from './cross-entropy.wgsl?raw';
import { TARGET } from './targets.ts';

export type CrossEntropyParams = {
  vocab: number;
  /** Applied to every logit before the cap. */
  logitScale: number;
  /** 0: none. */
  softcap: number;
  /** Threads that share a row of logits. */
  threads: number;
};

/** `first`: the target of the chunk's first row. */
export const encodeCrossEntropyCall = ({ first, count }: { first: number; count: number }): Uint32Array<ArrayBuffer> =>
  new Uint32Array([first, count, 0, 0]);

export const crossEntropyGroups = (count: number): Groups => [count, 1, 1];

/** Every label is below `vocab`. `losses` are not weighted; each lies at the place of its target. */
export const crossEntropy = defineKernel<CrossEntropyParams>()({
  name: 'cross-entropy',
  bindings: { call: 'uniform', targets: 'read', logits: 'write', losses: 'write' },
  wgsl: (params) =>
    [
      constants({
        THREADS: params.threads,
        VOCAB: params.vocab,
        LOGIT_SCALE_F: params.logitScale,
        SOFTCAP: +(params.softcap > 0),
        SOFTCAP_F: params.softcap || 1,
        TARGET_WORDS: TARGET.words,
        TARGET_LABEL: TARGET.label,
        TARGET_WEIGHT: TARGET.weight,
      }),
      overThreads(
        'vec2<f32>',
        `let greatest = max(a.x, b.x);
  return vec2<f32>(greatest, a.y * exp(a.x - greatest) + b.y * exp(b.x - greatest));`,
      ),
      source,
    ].join('\n'),
  reference({ call, targets, logits, losses }, { vocab, logitScale, softcap }) {
    const [first, count] = call.u32 as unknown as [number, number];
    for (let row = 0; row < count; row++) {
      const aim = (first + row) * TARGET.words;
      const label = targets.u32[aim + TARGET.label]!;
      const weight = targets.f32[aim + TARGET.weight]!;
      const tanh = (i: number) => Math.tanh((logits.f32[row * vocab + i]! * logitScale) / softcap);
      const values = Float64Array.from({ length: vocab }, (_, i) =>
        softcap > 0 ? softcap * tanh(i) : logits.f32[row * vocab + i]! * logitScale,
      );
      const greatest = values.reduce((most, value) => Math.max(most, value));
      const logSum = greatest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - greatest), 0));
      losses.f32[first + row] = logSum - values[label]!;
      for (let i = 0; i < vocab; i++) {
        const slope = softcap > 0 ? logitScale * (1 - tanh(i) ** 2) : logitScale;
        logits.f32[row * vocab + i] = weight * (Math.exp(values[i]! - logSum) - +(i === label)) * slope;
      }
    }
  },
});
