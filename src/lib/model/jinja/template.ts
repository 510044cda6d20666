// A Jinja template, set up like transformers does for chats: parses a text and renders it.

import type { Plain } from '#lib/formats/json/exact-json.ts';
import { Budget } from './budget.ts';
import { fail } from './failure.ts';
import { FILTERS } from './filters.ts';
import { fromPlain } from './from-plain.ts';
import { createGlobals } from './globals.ts';
import { render, type GenerationMarks } from './renderer.ts';
import { Scope } from './scope.ts';
import { parseTemplate } from './template-parser.ts';
import { TESTS } from './value-tests.ts';

export interface Template {
  /** Throws a `TemplateFailure` when rendering fails. */
  render(variables: Readonly<Record<string, Plain>>, today: () => Date, marks?: GenerationMarks): string;
}

const VOCABULARY = { filters: new Set(FILTERS.keys()), tests: new Set(TESTS.keys()) };

export function compileTemplate(source: string): Template {
  const program = bounded(() => parseTemplate(source, VOCABULARY));
  return {
    render: (variables, today, marks) =>
      bounded(() => {
        const budget = new Budget();
        const globals = new Scope(null);
        for (const [name, value] of createGlobals(today, budget)) globals.set(name, value);
        const scope = new Scope(globals);
        for (const [name, value] of Object.entries(variables)) {
          if (value !== undefined) scope.set(name, fromPlain(value));
        }
        return render(program, scope, budget, marks ?? null);
      }),
  };
}

/** Reports stack overflow with Python's message. */
function bounded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError) return fail('RecursionError', 'maximum recursion depth exceeded');
    throw error;
  }
}
