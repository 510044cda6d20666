// Picks the next token of every output row on the GPU and leaves it in the row's slot, where the next step finds it.
// Two kernels from one text: the second also reads what the `constrain` kernel says, and runs only in steps that have it.

import { constants, defineKernel } from '../../kernel.ts';
import { BANNED, FORCED } from '../constrain/constraint-words.ts';
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

const UNBIASED = 'fn biased(s: Settings, i: u32, raw: f32) -> f32 { return raw; }';
const BIASED = `@group(0) @binding(4) var<storage, read> bias: array<f32>;
fn biased(s: Settings, i: u32, raw: f32) -> f32 {
  if (!s.constrained || i >= VOCAB) {
    return raw;
  }
  let b = bias[s.at + i];
  if (b <= f32(${BANNED / 2})) {
    return LOWEST;
  }
  return select(raw + b, 0.0, b >= f32(${FORCED / 2}));
}`;

const wgsl = (params: SampleParams, isConstrained: boolean): string =>
  [
    stepConstants(params),
    constants({
      THREADS: params.threads,
      CONSTRAINED: +isConstrained,
      SLOT_CONSTRAINED: SLOT.constrained,
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
    isConstrained ? BIASED : UNBIASED,
  ].join('\n');

export const sample = defineKernel<SampleParams>()({
  name: 'sample',
  bindings: { logits: 'read', counts: 'write', state: 'write', results: 'write' },
  wgsl: (params) => wgsl(params, false),
  reference: (memory, params) => sampleReference(memory, params),
});

export const sampleConstrained = defineKernel<SampleParams>()({
  name: 'constrained sample',
  bindings: { logits: 'read', counts: 'write', state: 'write', results: 'write', bias: 'read' },
  wgsl: (params) => wgsl(params, true),
  reference: (memory, params) => sampleReference(memory, params),
});
