// The engine with a model, and all else that a training needs from Node.

import type { RunFiles } from '#lib/core/run-files.ts';
import type { TrainContext } from '#lib/flows/train-context.ts';
import { hashTemplates } from '#lib/model/hash-templates.ts';
import { openModelFolder } from '#lib/model/sources/open-model.ts';
import { loadText } from '#lib/model/text.ts';
import { createNodeDigester } from '#node/digester.ts';
import { openNodeFolder } from '#node/open-folder.ts';
import { chooseEngine, openEngine, type OpenEngine } from '../engine-options.ts';
import type { OptionValues } from '../command.ts';

export interface OpenTraining extends OpenEngine {
  context: TrainContext;
}

/** The caller disposes the engine. */
export async function openTraining(values: OptionValues, runs: RunFiles, signal: AbortSignal): Promise<OpenTraining> {
  const choice = chooseEngine(values);
  if (choice.request.model.kind !== 'directory') throw new TypeError(`a model of kind ${choice.request.model.kind}`);
  const opened = await openEngine(choice, signal);
  const { engine, model } = opened;
  const digester = await createNodeDigester();
  const folder = await openModelFolder(openNodeFolder(choice.request.model.path));
  const today = () => new Date();
  const context = {
    ...{ engine, model, digester, runs, today, now: () => performance.now() },
    labeller: await loadText(folder, model.vocab, today),
    template: await hashTemplates(folder, digester),
  };
  return { ...opened, context };
}
