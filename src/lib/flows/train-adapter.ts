// Trains adapters: rows become examples, two steps are measured and taken back, then step follows step until the data is used up, no job
// gets better, or the user ends the run. It survives a reload, a crash and a lost GPU with the same bits. It waits for nothing but the
// engine and the store, so it goes on in a page that is hidden.

import { createRunStore } from '#lib/factory/run-store.ts';
import { checkRun } from '#lib/factory/training-start.ts';
import type { TrainContext, TrainInput, TrainOptions } from './train-context.ts';
import type { TrainEvent } from './train-event.ts';
import { createLiveRun } from './training/live-run.ts';
import { openRun } from './training/open-run.ts';
import { prepareRun } from './training/prepare-run.ts';
import { borrowAdapters } from './training/borrow-adapters.ts';
import { runSteps } from './training/run-steps.ts';

/**
 * Ends with `done`, or with `paused` when `signal` stopped it; called again with the same input it goes on from the checkpoint.
 *
 * @throws RunMismatchError, TrainingLostError, and errors of the data, the engine and the store
 *
 * @example
 * import { trainAdapter } from '#lib/flows/train-adapter.ts';
 * import { PRESETS } from '#lib/factory/presets.ts';
 *
 * const { recipe, data, validations, patience } = PRESETS.traceable;
 * const jobs = [{ name: 'birds', recipe, from: null }];
 * const input = { run: 'birds-1', sources: rowSources, settings: { jobs, data, validations, patience, prompts: [] } };
 * for await (const event of trainAdapter(trainContext, input, { signal })) {
 *   if (event.type === 'step') show(`step ${event.step} of ${event.steps}: loss ${event.jobs[0]!.loss}`);
 *   if (event.type === 'done') show(`${event.result.adapters.length} adapter`);
 * }
 */
export async function* trainAdapter(
  context: TrainContext,
  input: TrainInput,
  options: TrainOptions,
): AsyncGenerator<TrainEvent, void, void> {
  const { engine } = context;
  checkRun(input.run, input.sources, input.settings);
  const store = createRunStore(context.runs, context.digester);
  const finished = await store.result(input.run);
  if (finished) {
    yield { type: 'done', result: finished };
    return;
  }
  const borrowed = borrowAdapters(engine);
  try {
    const prepared = yield* prepareRun({ context, input, options, store, borrowed });
    try {
      const opened = yield* openRun(prepared);
      yield* runSteps(createLiveRun(prepared, opened));
    } finally {
      await engine.closeTraining();
    }
  } finally {
    await borrowed.giveBack();
  }
}
