// Whether the label of each output of a step is the token that greedy decoding would choose. It runs before `cross-entropy`, which
// overwrites the logits.

import { constants, defineKernel } from '../../kernel.ts';
import { TARGET } from '../cross-entropy/targets.ts';
import { overThreads } from '../shared/over-threads.ts';
import source from './hits.wgsl?raw';

export type HitsParams = {
  vocab: number;
  /** Threads that share a row of logits. */
  threads: number;
};

/** Calls and groups are those of `cross-entropy`. */
export const hits = defineKernel<HitsParams>()({
  name: 'hits',
  bindings: { call: 'uniform', targets: 'read', logits: 'read', hits: 'write' },
  wgsl: ({ vocab, threads }) =>
    [
      constants({ THREADS: threads, VOCAB: vocab, TARGET_WORDS: TARGET.words, TARGET_LABEL: TARGET.label }),
      overThreads('vec2<f32>', 'return select(a, b, b.x > a.x || (b.x == a.x && b.y < a.y));'),
      source,
    ].join('\n'),
  reference({ call, targets, logits, hits: written }, { vocab }) {
    const [first, count] = call.u32 as unknown as [number, number];
    for (let row = 0; row < count; row++) {
      let best = -Infinity;
      let token = vocab;
      for (let i = 0; i < vocab; i++) {
        if (logits.f32[row * vocab + i]! <= best) continue;
        best = logits.f32[row * vocab + i]!;
        token = i;
      }
      written.u32[first + row] = +(targets.u32[(first + row) * TARGET.words + TARGET.label] === token);
    }
  },
});
