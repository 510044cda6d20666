// A comparison of runtimes on this device: what is measured now, the rows so far. Folds the events of `flows/compare-runtimes`.

import {
  compareRuntimes,
  type CompareContext,
  type ComparedKind,
  type CompareInput,
  type CompareRow,
} from '#lib/flows/compare-runtimes.ts';
import { Task } from './task.svelte.ts';

export class CompareState {
  readonly task = new Task();
  rows: CompareRow[] = $state.raw([]);
  refusals: { kind: ComparedKind; message: string }[] = $state.raw([]);
  now = $state('');
  readonly #context: CompareContext;

  constructor(context: CompareContext) {
    this.#context = context;
  }

  start(input: CompareInput): Promise<boolean> {
    return this.task.start(async (signal) => {
      this.rows = [];
      this.refusals = [];
      for await (const event of compareRuntimes(this.#context, input, { signal })) {
        if (signal.aborted) return;
        if (event.type === 'row') this.rows = [...this.rows, event.row];
        else if (event.type === 'refused')
          this.refusals = [...this.refusals, { kind: event.kind, message: event.error.toLine() }];
        else this.now = `${event.kind}: ${event.what}`;
      }
    });
  }
}
