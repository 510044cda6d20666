// A training example: tokens, which of them are learned, and the rows that it was made of. Types only.

import type { LabelledTokens, LabelSource } from '#lib/model/labels/label-source.ts';
import type { Unusable } from '#lib/model/labels/label-tokens.ts';
import type { RowRef } from './training-row.ts';

export interface TrainingExample {
  /** In the order in which their words appear. */
  rows: readonly RowRef[];
  ids: Int32Array;
  /** 1 where the token is to be predicted from those before it; never at the first. */
  loss: Uint8Array;
}

/** The text side of the model that is trained. */
export interface Labeller {
  label(source: LabelSource): LabelledTokens | Unusable;
  hasChatTemplate: boolean;
}
