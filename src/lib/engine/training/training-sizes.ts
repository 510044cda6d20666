// How much a decoder for training holds: as many rows as the packed examples of one pass have, a cache and a pool of f32.

import type { Architecture } from '#lib/model/architecture.ts';
import { decoderSizes, type DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { GRADIENT } from '#lib/webgpu/kernels/adapter-gradients/gradient-runs.ts';
import { BLOCK_TOKENS, stepLayout } from '#lib/webgpu/step-state.ts';

export interface TrainingBudget {
  /** Tokens of one pass. */
  rows: number;
  /** Examples of one pass. */
  segments: number;
  /** Tokens of the longest example. */
  length: number;
  /** Labelled rows whose logits are in memory together; absent: as many as fit some MiB. */
  chunk?: number;
  /** A gradient for each example of a pass, of as many as fit some MiB. */
  each?: boolean;
  maxBindingBytes: number;
}

/** Logits of one chunk of rows. */
const LOGIT_BYTES = 16 << 20;
const LEAST_CHUNK = 16;

/** Without pages of adapters, whose number depends on the size of a page. */
export function trainingSizes(a: Architecture, budget: TrainingBudget): DecoderSizes {
  const { rows, segments, length, chunk, maxBindingBytes } = budget;
  const sizes = decoderSizes(a, {
    ...{ kvDtype: 'f32', poolDtype: 'f32', contextLength: length, maxSequences: segments },
    ...{ adapterPoolBytes: 0, maxBindingBytes },
  });
  return {
    ...sizes,
    maxRows: rows,
    maxOutputs: Math.min(rows, chunk ?? Math.max(LEAST_CHUNK, Math.floor(LOGIT_BYTES / 4 / a.vocab))),
    kvBlocks: Math.floor(rows / BLOCK_TOKENS) + segments,
    step: stepLayout({ ...sizes.step, maxRows: rows }),
  };
}

/** Bytes of the list of rows: at most as many gradients as segments, and a run for each segment. */
export const runBytes = (segments: number): number => segments * (GRADIENT.words + 2) * 4;
