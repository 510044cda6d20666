// Packed examples as one step: each is a sequence of its own, from position 0 on, with its blocks of the cache and its adapter.

import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import type { AdapterGradient } from '#lib/webgpu/kernels/adapter-gradients/gradient-runs.ts';
import type { Target } from '#lib/webgpu/kernels/cross-entropy/targets.ts';
import type { PromptAngles } from '../prompt-angles.ts';
import { checkSampling } from '../requests.ts';
import { blocksFor, type SlotStart, type StepRow } from '../step-writer.ts';
import { TrainingDataError } from './errors.ts';

/** No loss for the token of this label. */
export const UNLABELLED = -100;

/** An adapter in the pool of a decoder for training. */
export interface SegmentAdapter {
  /** Word offset of its descriptor. */
  descriptor: number;
  /** Highest rank of any target, rounded up to four. */
  rankWidth: number;
  /** It has gains of DoRA. */
  gains: boolean;
}

export interface Segment {
  ids: readonly number[];
  /** One for each token: itself where it is to be predicted from those before it, otherwise `UNLABELLED`. */
  labels: readonly number[];
  /** What the loss of each of its targets is multiplied by. */
  weight: number;
  /** Null: the base alone. */
  adapter: SegmentAdapter | null;
}

export interface LaidOutSegments {
  rows: StepRow[];
  slots: SlotStart[];
  gradients: AdapterGradient[];
  /** Rows that predict a labelled token, in ascending order. */
  labelled: { row: number; target: Target }[];
  rankWidth: number;
  gains: boolean;
}

/** Targets of an example: the first token is predicted from nothing. */
export const targetsOf = ({ labels }: Pick<Segment, 'labels'>): number =>
  labels.reduce((count, label, i) => count + +(i > 0 && label !== UNLABELLED), 0);

/** @throws TrainingDataError */
export function layOutSegments(
  segments: readonly Segment[],
  { step, maxSequences, maxRows }: Pick<DecoderSizes, 'step' | 'maxSequences' | 'maxRows'>,
  angles: PromptAngles,
): LaidOutSegments {
  const tokens = segments.reduce((sum, { ids }) => sum + ids.length, 0);
  if (
    segments.length > maxSequences ||
    tokens > maxRows ||
    segments.some(({ ids }) => blocksFor(ids.length) > step.maxBlocks)
  )
    throw new RangeError(`${segments.length} segments of ${tokens} tokens do not fit a pass`);
  const plain = { sampling: checkSampling(), isConstrained: false, topCount: 0 };
  const rows: StepRow[] = [];
  const slots: SlotStart[] = [];
  const labelled: LaidOutSegments['labelled'] = [];
  const gradients = new Map<number, { first: number; end: number }[]>();
  let nextBlock = 0;
  segments.forEach(({ ids, labels, weight, adapter }, slot) => {
    const first = rows.length;
    const anglesAt = angles.take(ids.length);
    if (anglesAt === null) throw tooManyLengths();
    ids.forEach((token, position) => rows.push({ slot, explicit: { token, position, angles: anglesAt } }));
    if (adapter) {
      const runs = gradients.get(adapter.descriptor) ?? [];
      gradients.set(adapter.descriptor, runs);
      runs.push({ first, end: rows.length });
    }
    labels.forEach((label, i) => {
      if (i > 0 && label !== UNLABELLED) labelled.push({ row: first + i - 1, target: { label, weight } });
    });
    const blocks = Array.from({ length: blocksFor(ids.length) }, () => nextBlock++);
    slots.push({ slot, ...plain, blocks, blend: adapter ? [{ descriptor: adapter.descriptor, weight: 1 }] : [] });
  });
  for (const { ids } of segments) angles.release(ids.length);
  if (labelled.length === 0) throw new TrainingDataError('No token has a label.', 'Label the tokens to be learned.');
  return {
    ...{ rows, slots, labelled },
    gradients: [...gradients].map(([descriptor, runs]) => ({ descriptor, places: descriptor, runs })),
    rankWidth: Math.max(...segments.map(({ adapter }) => adapter?.rankWidth ?? 0)),
    gains: segments.some(({ adapter }) => adapter?.gains),
  };
}

const tooManyLengths = () =>
  new TrainingDataError(
    'The model rotates each length of long examples in its own way, and this pass has too many lengths.',
    'Put examples of equal length together, or shorten them.',
  );
