// What a family is: the model types it answers to, how it reads its config, and what its tensors are called.
// Types only.

import type { Architecture } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';

/** A place for one tensor in a decoder layer. */
export type LayerSlot =
  | 'attentionNorm'
  | 'attentionOutNorm'
  | 'ffnNorm'
  | 'ffnOutNorm'
  | 'q'
  | 'k'
  | 'v'
  | 'o'
  | 'gate'
  | 'up'
  | 'down'
  | 'qBias'
  | 'kBias'
  | 'vBias'
  | 'oBias'
  | 'gateBias'
  | 'upBias'
  | 'downBias'
  | 'qNorm'
  | 'kNorm';

/** Names without the prefix that differs between repositories; only slots the architecture uses are present. */
export interface TensorNames {
  embedding: string;
  finalNorm: string;
  layers: Partial<Record<LayerSlot, string>>[];
}

export interface Family {
  /** Values of `model_type` in config.json. */
  modelTypes: readonly string[];
  readArchitecture(config: ConfigFields): Architecture;
  tensorNames(architecture: Architecture): TensorNames;
}
