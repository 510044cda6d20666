// How much a decoder holds besides its weights: rows a step, sequences, cache blocks, adapter pages.
// Plain arithmetic over an architecture and a budget; it allocates nothing.

import { ELEMENT_BYTES } from '#lib/webgpu/element.ts';
import type { PoolDtype } from '#lib/webgpu/kernels/shared/adapter.ts';
import type { KvDtype } from '#lib/webgpu/kernels/shared/kv.ts';
import { BLOCK_TOKENS, stepLayout, type StepLayout } from '#lib/webgpu/step-state.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import type { Architecture } from '../architecture.ts';
import { widest } from '../at-layer.ts';
import { adaptableBase } from '../adaptable-base.ts';
import { PromptError } from '../errors.ts';
import { layOutPages } from '../lora.ts';
import { projectionsOf, stacksOf } from '../projections.ts';
import { cachedRuns, unscaled } from './cached-runs.ts';

export interface DecoderSizes {
  contextLength: number;
  maxSequences: number;
  /** Rows of one prefill step. */
  maxRows: number;
  /** Rows whose logits one step may compute. */
  maxOutputs: number;
  /** Greatest total rank of one row's adapters, where it is known before. */
  rankWidth?: number;
  /** Cache blocks shared by all sequences. */
  kvBlocks: number;
  pageBytes: number;
  pages: number;
  /** Elements of keys and values. */
  kvDtype: KvDtype;
  /** Elements of adapters in their pages; apart from `kvDtype`, so that short keys and values leave adapters exact. */
  poolDtype: PoolDtype;
  step: StepLayout;
}

export interface DecoderBudget {
  kvDtype: KvDtype;
  poolDtype: PoolDtype;
  contextLength?: number | undefined;
  maxSequences?: number | undefined;
  adapterPoolBytes?: number | undefined;
  maxBindingBytes: number;
}

const MIN_PAGE_BYTES = 64 << 10;
const KV_BUDGET_BYTES = 256 << 20;
const DEFAULT_CONTEXT = 4096;
const DEFAULT_SEQUENCES = 32;
const DEFAULT_POOL_BYTES = 64 << 20;
/** However large the model: by default its pool takes one adapter of this rank for all matrices, or four of rank 16. */
const ROOMY_RANK = 64;
/** Enough for 64 adapters of rank 16 on 32 layers, or a few of rank 256. */
const ADAPTER_WORDS = 1 << 16;

export function decoderSizes(a: Architecture, budget: DecoderBudget): DecoderSizes {
  const { kvDtype, poolDtype } = budget;
  const elementBytes = ELEMENT_BYTES[poolDtype];
  // A longer context than the model's own is the caller's choice: positions go on, as in transformers.
  const contextLength = budget.contextLength ?? Math.min(a.contextLength, DEFAULT_CONTEXT);
  if (a.learnedPositions && contextLength > a.contextLength) {
    throw new PromptError(
      `A context of ${contextLength} tokens is more than the ${a.contextLength} positions that this model learned.`,
      `Load it with a context of at most ${a.contextLength} tokens.`,
    );
  }
  const maxSequences = budget.maxSequences ?? DEFAULT_SEQUENCES;

  if (a.latent) unscaled(budget);
  const sum = (bytes: readonly number[]) => bytes.reduce((all, one) => all + one, 0);
  const cached = cachedRuns(a, kvDtype).map(sum);
  const blocksPerSequence = Math.ceil(contextLength / BLOCK_TOKENS);
  const affordable = Math.floor(Math.min(budget.maxBindingBytes / Math.max(...cached), KV_BUDGET_BYTES / sum(cached)));
  const kvBlocks = Math.max(blocksPerSequence, Math.min(affordable, maxSequences * blocksPerSequence));

  const wide = widest(a);
  const { kvB, convIn } = stacksOf(wide);
  const longest =
    padded(Math.max(a.hidden, wide.ffn, a.experts?.sharedFfn ?? 0, a.heads * wide.headDim, kvB.rows, convIn.rows)) *
    elementBytes;
  const pageBytes = Math.max(MIN_PAGE_BYTES, 2 ** Math.ceil(Math.log2(longest)));
  const roomy = layOutPages(() => ROOMY_RANK, adaptableBase(a), { pageBytes, poolDtype }, true).pages;
  const least = budget.adapterPoolBytes === undefined ? roomy * pageBytes : 0;
  const wanted = Math.max(least, (budget.adapterPoolBytes ?? DEFAULT_POOL_BYTES) / a.layers);
  const pages = Math.max(8, Math.floor(Math.min(budget.maxBindingBytes, wanted) / pageBytes));

  const maxRows = 128;
  const maxOutputs = Math.max(maxSequences, 32);
  const step = stepLayout({
    maxRows: Math.max(maxRows, maxSequences),
    maxSlots: maxSequences,
    maxBlocks: blocksPerSequence,
    layers: a.layers,
    targets: projectionsOf(a).length,
    adapterWords: ADAPTER_WORDS,
    pageElements: pageBytes / elementBytes,
  });
  return {
    contextLength,
    maxSequences,
    maxRows: step.maxRows,
    maxOutputs,
    kvBlocks,
    pageBytes,
    pages,
    kvDtype,
    poolDtype,
    step,
  };
}
