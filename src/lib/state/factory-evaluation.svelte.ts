// The evaluation of a finished run while it is measured: what it does, how far it is, and cancelling. The figures go into the record of
// the run. It lives as long as the tab, so the user may walk between pages meanwhile.

import type { EvaluateEvent, EvaluateProgress } from '#lib/flows/evaluate-adapter.ts';
import type { LoadedBytes } from './factory-live.svelte.ts';
import type { FactoryRun, RunEvaluation } from './factory-run.ts';
import { Task } from './task.svelte.ts';

export interface FactoryEvaluationNeeds {
  /** Runs `work` while no run trains in any tab; false where one does. */
  whileFree(run: FactoryRun, work: () => Promise<unknown>): Promise<boolean>;
  evaluate(
    run: FactoryRun,
    options: { signal: AbortSignal; onLoading: (progress: LoadedBytes | null) => void },
  ): AsyncIterable<EvaluateEvent>;
  keep(run: FactoryRun, evaluation: RunEvaluation): Promise<void>;
  /** Milliseconds since 1970. */
  today(): number;
}

/** Rows of one evaluation. */
export const MOST_EVALUATED = 200;

export class FactoryEvaluation {
  readonly task = new Task();
  /** Id of the run that is measured, or was measured last. */
  of: string | null = $state(null);
  /** Of the base model; null when it is loaded. */
  loading: LoadedBytes | null = $state.raw(null);
  progress: EvaluateProgress | null = $state.raw(null);
  readonly #needs: FactoryEvaluationNeeds;

  constructor(needs: FactoryEvaluationNeeds) {
    this.#needs = needs;
  }

  async measure(run: FactoryRun): Promise<void> {
    if (this.task.isRunning) return;
    this.of = run.id;
    this.loading = this.progress = null;
    const { whileFree } = this.#needs;
    await whileFree(run, () => this.task.start((signal) => this.#run(run, signal)));
  }

  async #run(run: FactoryRun, signal: AbortSignal) {
    const { evaluate, keep, today } = this.#needs;
    const onLoading = (progress: LoadedBytes | null) => (this.loading = progress);
    for await (const event of evaluate(run, { signal, onLoading })) {
      signal.throwIfAborted();
      if (event.type === 'progress') this.progress = event;
      else {
        const { of, questions, counts, unscored } = event.evaluation;
        const figures = of.map(({ name, answers, losses, neutral }) => ({ name, answers, losses, neutral }));
        await keep(run, { of: figures, questions: questions.length, counts, unscored, measuredAt: today() });
      }
    }
  }
}
