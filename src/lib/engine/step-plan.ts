// Which rows the next step computes and from which of them it samples: one row for every decoding sequence and one for each token that is
// proposed for it, the rest for prompts, oldest first. It knows sequences and counts; it computes nothing.

import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { HeadRange } from '#lib/model/decoder/transformer.ts';
import { phaseAt, phaseEnd } from './phases.ts';
import type { Sequence } from './requests.ts';
import type { StepRow } from './step-writer.ts';

/** A sequence that the step samples for. */
export interface SampledSequence {
  sequence: Sequence;
  /** The first of its rows; a row for each draft follows. */
  row: number;
  /** Proposed tokens. */
  drafts: readonly number[];
}

/** Proposes tokens for some of the sequences that decode in one step. */
export type Propose = (decoding: readonly Sequence[]) => ReadonlyMap<Sequence, readonly number[]>;

export interface StepPlan {
  rows: StepRow[];
  /** In output order: by head, the model's own first. */
  sampled: SampledSequence[];
  /** Rows that are sampled from. */
  outputs: number[];
  heads: HeadRange[];
  touched: Sequence[];
  /** Sequences whose rows have other adapters applied than their last ones. */
  turning: Sequence[];
  /** Rows of prompts. */
  prompts: number;
}

/** Counts the prompt rows it plans as computed, and notes their phase. */
export function planStep(
  active: readonly Sequence[],
  { maxRows }: Pick<DecoderSizes, 'maxRows'>,
  propose: Propose,
): StepPlan {
  const rows: StepRow[] = [];
  const sampled: SampledSequence[] = [];
  const touched: Sequence[] = [];
  const turning: Sequence[] = [];
  let prompts = 0;
  const usable = active.filter(({ ended, cancelled }) => !ended && !cancelled);
  const isReading = ({ request, running }: Sequence) => running!.computed < request.ids.length;
  const decoding = usable.filter((one) => !isReading(one) && one.running!.sampled < one.request.maxTokens);
  // A step with prompts is long, and its time says nothing about proposals.
  const proposed = usable.some(isReading) ? null : propose(decoding);
  for (const sequence of decoding) {
    const { slot, computed } = sequence.running!;
    const drafts = proposed?.get(sequence) ?? [];
    sampled.push({ sequence, row: rows.length, drafts });
    rows.push({ slot, explicit: null });
    drafts.forEach((token, i) => rows.push({ slot, explicit: { token, position: computed + 1 + i } }));
    touched.push(sequence);
  }
  for (const sequence of usable) {
    const running = sequence.running!;
    const prompt = sequence.request.ids;
    const end = Math.min(prompt.length, phaseEnd(running.phases, running.computed));
    const count = Math.min(end - running.computed, maxRows - rows.length);
    if (count <= 0) continue;
    const phase = phaseAt(running.phases, running.computed);
    if (phase !== running.phase) turning.push(sequence);
    running.phase = phase;
    for (let i = 0; i < count; i++) {
      const position = running.computed + i;
      const angles = position < sequence.request.promptTokens ? running.anglesAt : 0;
      rows.push({ slot: running.slot, explicit: { token: prompt[position]!, position, angles } });
    }
    prompts += count;
    touched.push(sequence);
    if (running.computed + count === prompt.length) sampled.push({ sequence, row: rows.length - 1, drafts: [] });
    running.computed += count;
  }
  return { ...orderByHead(sampled), rows, touched, turning, prompts };
}

/** Sequences with the model's own head first, then each adapter's head in one run. */
function orderByHead(sampled: readonly SampledSequence[]): Pick<StepPlan, 'sampled' | 'outputs' | 'heads'> {
  const headOf = ({ sequence }: SampledSequence) => sequence.running!.phase.head;
  const ordered: SampledSequence[] = [];
  const outputs: number[] = [];
  const heads: HeadRange[] = [];
  for (const head of new Set([null, ...sampled.map(headOf)])) {
    const same = sampled.filter((one) => headOf(one) === head);
    const rows = same.flatMap(({ row, drafts }) => [row, ...drafts.map((_, i) => row + 1 + i)]);
    if (rows.length > 0) heads.push({ head, first: outputs.length, count: rows.length });
    ordered.push(...same);
    outputs.push(...rows);
  }
  return { sampled: ordered, outputs, heads };
}
