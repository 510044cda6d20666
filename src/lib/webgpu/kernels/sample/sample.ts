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

/** Threads that one thread adds up alone. */
const BAND = 16;

/** A value over all threads: in each thread by a loop where they are few, since software adapters pay for barriers, else by bands. */
const reduction = (name: string, type: 'f32' | 'u32', combine: string, threads: number): string => {
  const loop = (count: number, at: string, end: string) => `    var result = lane_${type}[${at}];
    for (var i = 1u; i < ${count}u; i++) {
      let value = lane_${type}[${at} + i];
      result = ${combine};
    }
    ${end}`;
  const bands = threads / BAND;
  return `fn ${name}(thread: u32, own: ${type}) -> ${type} {
  lane_${type}[thread] = own;
  workgroupBarrier();
${
  threads > 4 * BAND
    ? `  if (thread < ${bands}u) {
${loop(BAND, `thread * ${BAND}u`, `band_${type}[thread] = result;`)}
  }
  workgroupBarrier();
${loop(bands, '0u', 'return result;').replaceAll('lane_', 'band_')}`
    : loop(threads, '0u', 'workgroupBarrier();\n    return result;')
}
}`;
};

const reductions = (threads: number): string =>
  [
    ...(['f32', 'u32'] as const).flatMap((type) => [
      `var<workgroup> lane_${type}: array<${type}, ${threads}>;`,
      ...(threads > 4 * BAND ? [`var<workgroup> band_${type}: array<${type}, ${threads / BAND}>;`] : []),
    ]),
    reduction('sum_f32', 'f32', 'result + value', threads),
    reduction('sum_u32', 'u32', 'result + value', threads),
    reduction('max_f32', 'f32', 'max(result, value)', threads),
    reduction('min_u32', 'u32', 'min(result, value)', threads),
  ].join('\n');

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
      reductions(params.threads),
      source,
    ].join('\n'),
  reference: sampleReference,
});
