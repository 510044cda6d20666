// What a training run needs from the program around it, and what it is given. Types only.

import type { RunFiles } from '#lib/core/run-files.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { AdapterHost, ModelInfo, Runtime } from '#lib/engine/engine.ts';
import type { TrainingHost } from '#lib/engine/training/training-host.ts';
import type { Labeller } from '#lib/factory/training-example.ts';
import type { RowSource } from '#lib/factory/training-row.ts';
import type { RunSettings } from './train-event.ts';

export interface TrainContext {
  engine: TrainingHost &
    Pick<AdapterHost, 'loadAdapter' | 'unloadAdapter' | 'listAdapters'> &
    Pick<Runtime, 'generate'>;
  /** The model that the engine has loaded. */
  model: Pick<ModelInfo, 'id' | 'name' | 'dtype' | 'layers' | 'device'>;
  /** Tokenizer and chat template of that model. */
  labeller: Labeller;
  /** sha256 (hex) of the chat template's text; null where the model has none. */
  template: string | null;
  digester: Digester;
  /** Where the run and its checkpoints are kept. */
  runs: RunFiles;
  /** Milliseconds on a monotonic clock. */
  now(): number;
  /** The moment by the wall clock, for the list of runs. */
  today(): Date;
  /** The page is hidden and may end at any time: the run saves a checkpoint once. */
  isHidden?: (() => boolean) | undefined;
  /** Awaited from time to time while rows become examples, so that other work of the thread gets its turn. */
  turn?: (() => Promise<void>) | undefined;
}

export interface TrainInput {
  /** Names the run: letters, digits, `-` and `_`. Where a checkpoint of it exists, the run goes on from there. */
  run: string;
  sources: readonly RowSource[];
  settings: RunSettings;
  /** Keeps the state at both ends of each segment, so that a segment can be computed again later. */
  keepStates?: boolean | undefined;
}

export interface TrainOptions {
  /** Pauses: the run saves a checkpoint, yields `paused` and ends. */
  signal: AbortSignal;
  /** Ends the run after the step under way as if it were the last: the best weights are the result. */
  finish?: AbortSignal | undefined;
}
