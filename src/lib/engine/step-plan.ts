// Which rows the next step computes and from which of them it samples: one row for every decoding sequence, the rest for prompts,
// oldest first. It knows sequences and counts; it computes nothing.

import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { HeadRange } from '#lib/model/decoder/transformer.ts';
import type { Sequence } from './requests.ts';
import type { StepRow } from './step-writer.ts';

export interface StepPlan {
  rows: StepRow[];
  /** In output order: by head, the model's own first. */
  sampled: { sequence: Sequence; row: number }[];
  heads: HeadRange[];
  touched: Sequence[];
  /** Rows of prompts. */
  prompts: number;
}

/** Counts the prompt rows it plans as computed. */
export function planStep(active: readonly Sequence[], { maxRows }: Pick<DecoderSizes, 'maxRows'>): StepPlan {
  const rows: StepRow[] = [];
  const sampled: { sequence: Sequence; row: number }[] = [];
  const touched: Sequence[] = [];
  let prompts = 0;
  const usable = active.filter(({ ended, cancelled }) => !ended && !cancelled);
  const decoding = ({ request, running }: Sequence) =>
    running!.computed >= request.ids.length && running!.sampled < request.maxTokens;
  for (const sequence of usable.filter(decoding)) {
    sampled.push({ sequence, row: rows.length });
    rows.push({ slot: sequence.running!.slot, explicit: null });
    touched.push(sequence);
  }
  for (const sequence of usable) {
    const running = sequence.running!;
    const prompt = sequence.request.ids;
    const count = Math.min(prompt.length - running.computed, maxRows - rows.length);
    if (count <= 0) continue;
    for (let i = 0; i < count; i++) {
      const position = running.computed + i;
      const angles = position < sequence.request.promptTokens ? running.anglesAt : 0;
      rows.push({ slot: running.slot, explicit: { token: prompt[position]!, position, angles } });
    }
    prompts += count;
    touched.push(sequence);
    if (running.computed + count === prompt.length) sampled.push({ sequence, row: rows.length - 1 });
    running.computed += count;
  }
  const { items, ranges } = orderByHead(sampled, ({ sequence }) => sequence.running!.head);
  return { rows, sampled: items, heads: ranges, touched, prompts };
}

/** Sequences with the model's own head first, then each adapter's head in one run. */
function orderByHead<T>(
  items: readonly T[],
  headOf: (item: T) => HeadRange['head'],
): { items: T[]; ranges: HeadRange[] } {
  const heads = [...new Set([null, ...items.map(headOf)])];
  const ordered: T[] = [];
  const ranges: HeadRange[] = [];
  for (const head of heads) {
    const same = items.filter((item) => headOf(item) === head);
    if (same.length > 0) ranges.push({ head, first: ordered.length, count: same.length });
    ordered.push(...same);
  }
  return { items: ordered, ranges };
}
