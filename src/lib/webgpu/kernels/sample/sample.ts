// Picks the next token of every output row on the GPU and leaves it in the row's slot, where the next step finds it.

import { constants, defineKernel } from '../../kernel.ts';
import { SLOT, stepConstants, type StepParams } from '../../step-state.ts';
import { RESULT } from './sample-result.ts';
import { sampleReference } from './sample.reference.ts';
import source from './sample.wgsl?raw';

export type SampleParams = StepParams & {
  vocab: number;
  /** Applied to every logit before the cap. */
  logitScale: number;
  /** 0: none. */
  softcap: number;
  /** Threads that share a row of logits. */
  threads: number;
};

/** In `counts`: the token stands in the prompt. The low bits count how often it was generated. */
export const IN_PROMPT = 0x8000_0000;

export const sample = defineKernel<SampleParams>()({
  name: 'sample',
  bindings: { logits: 'read', counts: 'write', state: 'write', results: 'write' },
  wgsl: (params) =>
    [
      stepConstants(params),
      constants({
        THREADS: params.threads,
        VOCAB: params.vocab,
        LOGIT_SCALE_F: params.logitScale,
        SOFTCAP: params.softcap > 0 ? 1 : 0,
        SOFTCAP_F: params.softcap || 1,
        SLOT_TEMPERATURE: SLOT.temperature,
        SLOT_TOP_K: SLOT.topK,
        SLOT_TOP_P: SLOT.topP,
        SLOT_MIN_P: SLOT.minP,
        SLOT_REPETITION: SLOT.repetition,
        SLOT_PRESENCE: SLOT.presence,
        SLOT_FREQUENCY: SLOT.frequency,
        SLOT_SEED: SLOT.seed,
        SLOT_TOP_COUNT: SLOT.topCount,
        RESULT_WORDS: RESULT.words,
        RESULT_TOP: RESULT.top,
      }),
      source,
    ].join('\n'),
  reference: sampleReference,
});
