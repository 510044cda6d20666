// What a family is: the model types it answers to, how it reads its config, and what its modules are called.
// Types only.

import type { Architecture } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';
import type { ProjectionName } from '../projections.ts';

export type NormName = 'attentionNorm' | 'attentionOutNorm' | 'ffnNorm' | 'ffnOutNorm' | 'qNorm' | 'kNorm';

/** Names of modules, as transformers has them, without the prefix that differs between repositories. */
export interface ModelNames {
  embedding: string;
  head: string;
  finalNorm: string;
  /** Before a layer's number. */
  layerList: string;
  /** Below a layer: the projections of each matrix, in the order of its rows. More than one where the family fuses them. */
  modules: Record<string, readonly ProjectionName[]>;
  /** Rows of a matrix with several projections come in so many groups, each with an equal share of every projection; absent: 1. */
  fusedGroups?: number;
  /** Matrices of layers are stored [input, output]. */
  isTransposed?: boolean;
  /** Below a layer; only those that the architecture has. */
  norms: Partial<Record<NormName, string>>;
  embeddingNorm?: string;
  /** The table of learned positions. */
  positions?: string;
}

export interface Family {
  /** Values of `model_type` in config.json. */
  modelTypes: readonly string[];
  readArchitecture(config: ConfigFields): Architecture;
  names(architecture: Architecture): ModelNames;
}
