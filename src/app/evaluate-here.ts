// Measures the adapters of a finished run in this tab, beside their base, on the rows that the run held back.

import { createDigester } from '#lib/core/digester.ts';
import { PayableError } from '#lib/core/errors.ts';
import { openBrowserFolder } from '#lib/engine/shell/browser-folder.ts';
import { NEUTRAL_ROWS } from '#lib/factory/evaluation/neutral-rows.ts';
import { heldOutRows } from '#lib/factory/held-out-rows.ts';
import { evaluateAdapter, type EvaluateEvent } from '#lib/flows/evaluate-adapter.ts';
import { MOST_EVALUATED, type FactoryEvaluationNeeds } from '#lib/state/factory-evaluation.svelte.ts';
import type { FactoryRun } from '#lib/state/factory-run.ts';
import { openFactorySources } from './factory-places.ts';
import { openRunAdapters } from './open-run-adapters.ts';
import { openTextOf, turn } from './train-here.ts';

const LONGEST_ANSWER = 128;

export async function* evaluateHere(
  run: FactoryRun,
  { signal, onLoading }: Parameters<FactoryEvaluationNeeds['evaluate']>[1],
): AsyncGenerator<EvaluateEvent, void, void> {
  const { engine, folder, adapters, close } = await openRunAdapters(run, signal, onLoading);
  try {
    if (adapters.length === 0)
      throw new PayableError('app/factory-gone', 'The adapters of this run are no longer on this device.', {
        hint: 'Train it again, then measure.',
      });
    onLoading(null);
    const labeller = await openTextOf(openBrowserFolder(folder));
    const { data } = run.settings;
    const sources = await openFactorySources(run.sources, signal);
    const digester = await createDigester();
    const rows = await heldOutRows(sources, data, MOST_EVALUATED, { labeller, digester, signal, turn });
    const input = {
      adapters: adapters.map(({ id, ...one }) => ({ ...one, use: { id, weight: 1 } })),
      ...{ rows, neutral: NEUTRAL_ROWS, length: data.length, maxTokens: LONGEST_ANSWER },
    };
    const context = { engine, labeller, now: () => performance.now() };
    yield* evaluateAdapter(context, input, { signal });
  } finally {
    close();
  }
}
