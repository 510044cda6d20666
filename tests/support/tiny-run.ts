// A training run over the tiny chat model on the reference kernels: rows, context and settings. Each step takes half a minute by the
// clock that the run is given, so that checkpoints come every other step.

import type { FolderRef } from '#lib/core/folder.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { Engine, ModelInfo } from '#lib/engine/engine.ts';
import { PRESETS } from '#lib/factory/presets.ts';
import type { Recipe } from '#lib/factory/recipe.ts';
import type { RowSource } from '#lib/factory/training-row.ts';
import { createBlobFolder } from '#lib/files/blob-folder.ts';
import { findLicence } from '#lib/formats/datanet/licences.ts';
import { rowId, rowOf } from '#lib/formats/datanet/datanet-row.ts';
import type { TrainContext, TrainInput } from '#lib/flows/train-context.ts';
import type { RunSettings, TrainEvent, TrainResult } from '#lib/flows/train-event.ts';
import { trainAdapter } from '#lib/flows/train-adapter.ts';
import { loadText } from '#lib/model/text.ts';
import { digester } from './datanets.ts';
import { testHost } from './host.ts';
import { memoryRunFiles, type MemoryRunFiles } from './memory-run-files.ts';
import { tinyChatModel } from './tiny-chat-model.ts';

const STEP_MS = 31_000;
/** A sample of 64 tokens takes a second on the plain kernels. */
const ANSWER_TOKENS = 6;
const FILES = tinyChatModel();

const openFolder = (ref: FolderRef) => {
  if (ref.kind !== 'files') throw new Error(`not ${ref.kind}`);
  return createBlobFolder(ref.name, ref.files);
};

export interface TinyTraining extends TrainContext {
  engine: Engine;
  model: ModelInfo;
  runs: MemoryRunFiles;
}

export async function tinyTraining(runs = memoryRunFiles()): Promise<TinyTraining> {
  const engine = createEngine({ ...testHost(null), openFolder });
  const folder = { kind: 'files', name: 'tiny', files: FILES } as const;
  let model: ModelInfo | null = null;
  for await (const event of engine.load({ model: folder, dtype: 'f32' }))
    if (event.type === 'ready') ({ model } = event);
  const clock = { at: 0 };
  const today = () => new Date(2026, 10, 30);
  return {
    engine: {
      ...engine,
      trainStep: (...args) => {
        clock.at += STEP_MS;
        return engine.trainStep(...args);
      },
      generate: (request, signal) => engine.generate({ ...request, maxTokens: ANSWER_TOKENS }, signal),
    },
    model: model!,
    labeller: await loadText(openFolder(folder), model!.vocab, today),
    ...{ template: null, digester, runs, now: () => clock.at, today },
  };
}

/** Short texts of letters, beginning with the letter `first`. */
export function tinySource(rows = 12, name = 'letters', first = 'a'): RowSource {
  return {
    name,
    licence: findLicence('CC-BY-4.0')!,
    rows: async function* () {
      yield Array.from({ length: rows }, (_, at) => {
        const row = rowOf(
          {
            text: `${String.fromCharCode(first.charCodeAt(0) + at)}=${String.fromCharCode(65 + at).repeat(2 + (at % 3))}`,
          },
          'row',
        );
        const leaf = digester.sha256(new TextEncoder().encode(row.text));
        return { id: rowId(row.value, leaf), leaf, value: row.value };
      });
    },
  };
}

export const tinyRecipe = (more: Partial<Recipe> = {}): Recipe => {
  const small = { rank: 2, alpha: 4, rate: 0.02, epochs: 2, batch: 4, targets: ['q_proj', 'down_proj'] };
  return { ...PRESETS.traceable.recipe, ...small, ...more };
};

/** 12 rows of which 2 are held back: 3 steps an epoch, 6 in all. */
export const tinySettings = (more: Partial<RunSettings> = {}): RunSettings => ({
  jobs: [{ name: 'letters', recipe: tinyRecipe(), from: null }],
  data: { ...PRESETS.traceable.data, length: 64, validation: { share: 0.1, least: 2 } },
  ...{ validations: 3, patience: null, prompts: [] },
  ...more,
});

export const tinyInput = (more: Partial<TrainInput> = {}): TrainInput => ({
  ...{ run: 'letters', sources: [tinySource()], settings: tinySettings() },
  ...more,
});

export interface RunSignals {
  signal?: AbortSignal;
  finish?: AbortSignal;
  /** Hears each event before the run goes on. */
  onEvent?: (event: TrainEvent) => void;
}

/** All events of a run, to its end. */
export async function runTraining(
  context: TrainContext,
  input: TrainInput,
  { signal = new AbortController().signal, finish, onEvent }: RunSignals = {},
): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  for await (const event of trainAdapter(context, input, { signal, finish })) {
    events.push(event);
    onEvent?.(event);
  }
  return events;
}

export function resultOf(events: readonly TrainEvent[]): TrainResult {
  const last = events.at(-1);
  if (last?.type !== 'done') throw new Error(`the run ended with ${last?.type}`);
  return last.result;
}
