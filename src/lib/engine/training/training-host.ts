// What an engine offers for training adapters over the base that it has loaded: the same verbs in a worker, in Node and over a socket.
// One training is open at a time; answers go on beside it. Calls run one after the other. Types only.

import type { FolderRef } from '#lib/core/folder.ts';
import type { Example } from './examples.ts';

/** An adapter that has learned nothing: A is random, B is zero, so it changes no answer. */
export interface FreshAdapter {
  name: string;
  kind: 'lora' | 'rslora' | 'dora';
  rank: number;
  alpha: number;
  /** Names of modules as PEFT has them; all linear layers when absent. */
  targets?: readonly string[] | undefined;
  /** All layers when absent. */
  layers?: readonly number[] | undefined;
  seed: number;
}

/** `folder`: a PEFT folder that goes on learning from its weights. */
export type TrainingStart = { fresh: FreshAdapter } | { folder: FolderRef };

export interface TrainingRequest {
  adapters: readonly TrainingStart[];
  /** Tokens of the largest pass. */
  rows: number;
  /** Examples of the largest pass. */
  segments: number;
  /** Tokens of the longest example. */
  length: number;
}

export interface TrainingInfo {
  /** By adapter. */
  adapters: { name: string; parameters: number }[];
  gpuBytes: { adapters: number; optimizer: number; activations: number };
}

/** For one adapter in one step. */
export interface StepSettings {
  rate: number;
  /** Of the first and of the second moment. */
  betas: readonly [number, number];
  epsilon: number;
  weightDecay: number;
  /** Greatest norm of a gradient; 0: any. */
  clip: number;
}

/** Of one adapter. */
export interface StepOutcome {
  /** Mean over its targets before the step; NaN where it has none. */
  loss: number;
  /** Of its gradient, before the clip. */
  norm: number;
  /** A gradient that is not finite changes nothing. */
  action: 'waited' | 'stepped' | 'skipped';
}

export interface ExampleScore {
  /** Natural logarithms, summed over its targets. */
  loss: number;
  targets: number;
  /** Targets that are the model's likeliest token. */
  hits: number;
}

/** An adapter as a PEFT folder's files. */
export interface AdapterFiles {
  name: string;
  files: { path: string; bytes: Uint8Array<ArrayBuffer> }[];
}

export interface TrainingHost {
  /**
   * Replaces a training that is open. Loading a model closes it; a call then fails with the code `training/closed`.
   *
   * @example
   * const fresh = { name: 'birds', kind: 'lora', rank: 8, alpha: 16, seed: 1 } as const;
   * const info = await engine.openTraining({ adapters: [{ fresh }], rows: 512, segments: 16, length: 128 }, signal);
   * show(`${info.adapters[0]!.parameters} parameters`);
   */
  openTraining(request: TrainingRequest, signal?: AbortSignal): Promise<TrainingInfo>;
  /**
   * `batches`: each is one pass over the base; gradients of all are added up before the step.
   *
   * @example
   * const settings = { rate: 2e-4, betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, clip: 1 };
   * const [outcome] = await engine.trainStep([[{ ids: [1, 403, 278], labels: [-100, 403, 278], adapter: 0 }]], [settings]);
   * show(`loss ${outcome!.loss.toFixed(3)}`);
   */
  trainStep(batches: Example[][], settings: StepSettings[]): Promise<StepOutcome[]>;
  /**
   * Losses without learning, example by example in the order of the batches. `adapter: null` in an example scores the base alone.
   *
   * @example
   * const example = { ids: [1, 403, 278], labels: [-100, 403, 278] };
   * const [base, adapted] = await engine.scoreExamples([[{ ...example, adapter: null }, { ...example, adapter: 0 }]]);
   * show(`the adapter saves ${(base!.loss - adapted!.loss).toFixed(2)} nats`);
   */
  scoreExamples(batches: ScoredExample[][]): Promise<ExampleScore[]>;
  /**
   * All that a later session needs to go on with the same bits: weights, moments, counts of steps.
   *
   * @example
   * const state = await engine.saveTraining();
   * show(`${state.length} bytes to keep`);
   */
  saveTraining(): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Of an open training with the same model, weight format and adapters. A state of another one is refused with the code
   * `training/state`, and nothing changes.
   *
   * @example
   * const state = await engine.saveTraining();
   * await engine.trainStep([[{ ids: [1, 403], labels: [-100, 403], adapter: 0 }]], settings);
   * await engine.restoreTraining(state);
   */
  restoreTraining(state: Uint8Array<ArrayBuffer>): Promise<void>;
  /**
   * As they are now; reading them changes nothing.
   *
   * @example
   * for (const { name, files } of await engine.trainedAdapters()) {
   *   const refs = files.map(({ path, bytes }) => ({ path, file: new Blob([bytes]) }));
   *   const { id } = await engine.loadAdapter({ kind: 'files', name, files: refs });
   *   show(id);
   * }
   */
  trainedAdapters(): Promise<AdapterFiles[]>;
  /**
   * Frees its memory. A step that is under way ends with the code `core/aborted`.
   *
   * @example
   * await engine.closeTraining();
   */
  closeTraining(): Promise<void>;
}

export type ScoredExample = Omit<Example, 'adapter'> & { adapter: number | null };
