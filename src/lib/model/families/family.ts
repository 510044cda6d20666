// The interface of a family: its model types, how to read its config, and the names of its modules. Types only.

import type { Architecture } from '../architecture.ts';
import type { ConfigFields } from '../config-fields.ts';
import type { ProjectionName } from '../projections.ts';

export type NormName =
  | 'attentionNorm'
  | 'attentionOutNorm'
  | 'ffnNorm'
  | 'ffnOutNorm'
  | 'qNorm'
  | 'kNorm'
  | 'qLatentNorm'
  | 'kvLatentNorm'
  | 'inputOutNorm';

/** Module names as in transformers, without the prefix, which differs between repositories. */
export interface ModelNames {
  embedding: string;
  head: string;
  /** Another name of the head, in files of other versions of transformers. */
  headAlias?: string;
  finalNorm: string;
  /** Path of the list of layers; a layer's number follows. */
  layerList: string;
  /** Within a layer: the projections in each matrix, in row order; more than one in a fused matrix. */
  modules: Record<string, readonly ProjectionName[]>;
  /** Rows of a matrix with several projections come in so many groups, each with an equal share of every projection; absent: 1. */
  fusedGroups?: number;
  /** Matrices of layers are stored [input, output]. */
  isTransposed?: boolean;
  /** Within a layer; only those that the architecture has. */
  norms: Partial<Record<NormName, string>>;
  /** Within a layer of experts. */
  experts?: ExpertNames;
  embeddingNorm?: string;
  /** The table of learned positions. */
  positions?: string;
  /** Outside the layers: the table of what each layer gets of each token, the projection of the embedding beside it, and its norm. */
  layerInput?: { table: string; projection: string; norm: string };
  /** Within a layer: a vector with one number. */
  layerScale?: string;
  /** Within a layer: weights of a convolution over tokens, [hidden, 1, span]. */
  convolution?: string;
}

export interface ExpertNames {
  router: string;
  /** A vector, not a module. */
  routerBias?: string;
  sharedGate?: string;
  /** Path of the list of experts; an expert's number follows. */
  list: string;
  gate: string;
  up: string;
  down: string;
}

export interface Family {
  /** Values of `model_type` in config.json. */
  modelTypes: readonly string[];
  readArchitecture(config: ConfigFields): Architecture;
  names(architecture: Architecture): ModelNames;
}
