// What a training run takes and tells. Types only.

import type { FolderRef } from '#lib/core/folder.ts';
import type { AdapterFiles, TrainingInfo } from '#lib/engine/training/training-host.ts';
import type { ExampleCounts } from '#lib/factory/data-report.ts';
import type { AdapterTerms } from '#lib/factory/check-licences.ts';
import type { Leak } from '#lib/factory/find-leakage.ts';
import type { DataRecipe, Recipe } from '#lib/factory/recipe.ts';

/** An adapter of the run: its recipe, its data, and the PEFT folder that it goes on from; null starts anew. */
export interface TrainJob {
  name: string;
  recipe: Recipe;
  from: FolderRef | null;
  /** Places of its own data in the list of sources, in their order; absent: it trains on all sources. */
  sources?: readonly number[] | undefined;
}

export interface RunSettings {
  /** One, or up to eight that train together over one base pass. */
  jobs: TrainJob[];
  data: DataRecipe;
  /** Validations in the whole run, the last one included. */
  validations: number;
  /** Validations without a better loss after which a job stops; null: never. */
  patience: number | null;
  /** Answered with the adapter at each validation. */
  prompts: string[];
}

/** Measured in two warm-up steps, which are taken back. */
export interface TrainEstimate {
  steps: number;
  /** Of training data, all epochs of all jobs. */
  tokens: number;
  tokensPerSecond: number;
  seconds: number;
  gpuBytes: TrainingInfo['gpuBytes'];
}

export interface PreparedData {
  counts: { train: ExampleCounts; validation: ExampleCounts };
  leaks: Leak[];
  looksNear: boolean;
  terms: AdapterTerms;
}

/** By job. */
export interface StepFigures {
  loss: number;
  norm: number;
  rate: number;
  skipped: boolean;
}

export interface ValidationFigures {
  /** Mean over learned tokens. */
  loss: number;
  /** Share of learned tokens that are the likeliest. */
  accuracy: number;
  best: boolean;
}

export interface TrainResult {
  /** By job: the weights with the lowest validation loss, or the last ones where there is no validation. */
  adapters: AdapterFiles[];
  /** Step of these weights, by job. */
  steps: number[];
  /** Canonical JSON, by job. */
  manifests: string[];
}

export type TrainEvent =
  | { type: 'preparing'; stage: 'reading' | 'labelling'; rows: number }
  /** The data of these jobs, by their places. Jobs with the same sources share it. */
  | { type: 'prepared'; jobs: number[]; data: PreparedData }
  /** What the run gave up so that it fits into memory, in words. */
  | { type: 'reduced'; what: string }
  | { type: 'estimate'; estimate: TrainEstimate }
  /** `step` of `steps` is done, from 1. */
  | {
      type: 'step';
      step: number;
      steps: number;
      jobs: StepFigures[];
      tokens: number;
      seconds: number;
      secondsLeft: number;
    }
  | { type: 'validation'; step: number; jobs: ValidationFigures[] }
  | { type: 'sample'; step: number; job: number; prompt: number; text: string }
  | { type: 'saved'; step: number; bytes: number }
  /** The checkpoint could not be written, in words. The run goes on, and the checkpoint before it stays. */
  | { type: 'unsaved'; step: number; why: string }
  /** The run goes on from a checkpoint: after a reload, a crash, a lost device. */
  | { type: 'resumed'; step: number }
  /** `paused`: it was stopped and can go on from its checkpoint. */
  | { type: 'paused'; step: number }
  | { type: 'done'; result: TrainResult };
