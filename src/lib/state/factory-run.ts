// The record of a training run, as this browser keeps it: what was chosen, how far it is, what came of it. Types, and words for states.

import type { WeightDtype } from '#lib/core/tensor.ts';
import type { ExampleCounts } from '#lib/factory/data-report.ts';
import type { Evaluated } from '#lib/flows/evaluate-adapter.ts';
import type { RunSettings } from '#lib/flows/train-event.ts';
import type { Problem } from './problem.ts';
import type { RunHistory } from './run-history.ts';

export type FactoryBase =
  | { kind: 'demo'; name: string }
  /** `id` of the ledger of kept models. */
  | { kind: 'kept'; id: string; name: string };

export type FactorySource =
  /** A Datanet that came with the app. */
  | { kind: 'shipped'; id: string; name: string }
  /** A version of a Datanet on a chain. */
  | { kind: 'chain'; chain: number; id: string; version: number; name: string }
  /** A file of the user, kept with the run so that it can go on. `licence`: an SPDX id, or `own`. */
  | { kind: 'file'; name: string; file: Blob; licence: string };

export interface FactoryRun {
  id: string;
  name: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  updatedAt: number;
  /** `running` stays when the page ends without a word: such a run was interrupted, and can go on. */
  state: 'running' | 'paused' | 'failed' | 'done';
  problem: Problem | null;
  base: FactoryBase;
  /** How the weights of the base are computed. */
  dtype: WeightDtype;
  sources: FactorySource[];
  settings: RunSettings;
  /** The user has seen the estimate and let it train. */
  isConfirmed: boolean;
  history: RunHistory;
  /** Ids of the kept adapters, by job; empty until it is done. */
  kept: string[];
  /** Missing until the user has it measured. */
  evaluation?: RunEvaluation;
}

/** Figures of base and adapters on rows that were held back. */
export interface RunEvaluation {
  /** The base first, then the adapters. */
  of: Omit<Evaluated, 'texts'>[];
  /** Questions that were answered. */
  questions: number;
  counts: ExampleCounts;
  /** Why there are no losses: a sentence. */
  unscored: string | null;
  /** Milliseconds since 1970. */
  measuredAt: number;
}

/** As a page shows it: a run of this tab, of another one, or of none. */
export type FactoryRunStatus = 'here' | 'elsewhere' | 'interrupted' | 'paused' | 'failed' | 'done';

export function statusOf({ id, state }: FactoryRun, here: string | null, takenBy: string | null): FactoryRunStatus {
  if (id === here) return 'here';
  if (state !== 'running') return state;
  return takenBy === id ? 'elsewhere' : 'interrupted';
}
