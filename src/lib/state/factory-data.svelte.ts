// A look at the data before anything is trained: rows become examples for the chosen base, and are counted and shown token by token.

import type { Digester } from '#lib/core/digester.ts';
import { formOfRow } from '#lib/factory/example-form.ts';
import { previewExample, type PreviewToken } from '#lib/factory/preview-example.ts';
import { prepareData, type DataProgress, type TrainingData } from '#lib/factory/prepare-data.ts';
import type { DataRecipe } from '#lib/factory/recipe.ts';
import type { RowRef, RowSource } from '#lib/factory/training-row.ts';
import type { TextModel } from '#lib/model/text.ts';
import type { FactoryBase, FactorySource } from './factory-run.ts';
import { Task } from './task.svelte.ts';

export interface FactoryDataNeeds {
  openText(base: FactoryBase, signal: AbortSignal): Promise<TextModel>;
  openSources(sources: readonly FactorySource[], signal: AbortSignal): Promise<RowSource[]>;
  createDigester(): Promise<Digester>;
  /** Lets other work of the thread have its turn. */
  turn(): Promise<void>;
}

export interface ShownExample {
  rows: readonly RowRef[];
  tokens: PreviewToken[];
}

const SHOWN = 20;
const QUESTIONS = 3;
const LONGEST_QUESTION = 300;

export class FactoryData {
  progress: DataProgress | null = $state.raw(null);
  report: Pick<TrainingData, 'counts' | 'leaks' | 'looksNear' | 'terms'> | null = $state.raw(null);
  /** The first ones. */
  examples: readonly ShownExample[] = $state.raw([]);
  /** The first questions of the data, to be answered while the adapter learns. */
  questions: readonly string[] = $state.raw([]);
  readonly task = new Task();
  readonly #needs: FactoryDataNeeds;

  constructor(needs: FactoryDataNeeds) {
    this.#needs = needs;
  }

  /** True when all rows were read and something is learned. */
  async look(base: FactoryBase, sources: readonly FactorySource[], recipe: DataRecipe): Promise<boolean> {
    this.clear();
    return this.task.restart(async (signal) => {
      const { openText, openSources, createDigester, turn } = this.#needs;
      const text = await openText(base, signal);
      const context = { labeller: text, digester: await createDigester(), signal, turn };
      const opened = (await openSources(sources, signal)).map((source) => this.#noticed(source));
      const run = prepareData(opened, recipe, context);
      for (let next = await run.next(); ; next = await run.next()) {
        signal.throwIfAborted();
        if (!next.done) {
          this.progress = next.value;
          continue;
        }
        const { train, counts, leaks, looksNear, terms } = next.value;
        this.report = { counts, leaks, looksNear, terms };
        this.examples = train
          .slice(0, SHOWN)
          .map((example) => ({ rows: example.rows, tokens: previewExample(example, text) }));
        return;
      }
    });
  }

  clear() {
    this.task.stop();
    this.task.problem = null;
    this.progress = this.report = null;
    this.examples = this.questions = [];
  }

  /** The same rows, whose first questions are noted. */
  #noticed = (source: RowSource): RowSource => ({
    ...source,
    rows: (signal) => this.#noticedRows(source.rows(signal)),
  });

  async *#noticedRows(batches: ReturnType<RowSource['rows']>) {
    for await (const batch of batches) {
      for (const { value } of batch) {
        if (this.questions.length === QUESTIONS) break;
        const form = formOfRow(value, 'all');
        if ('reason' in form || form.kind !== 'chat') continue;
        const question = form.messages.find(({ role }) => role === 'user')?.content;
        const isNew = typeof question === 'string' && !this.questions.includes(question);
        if (isNew && question.length <= LONGEST_QUESTION) this.questions = [...this.questions, question];
      }
      yield batch;
    }
  }
}
