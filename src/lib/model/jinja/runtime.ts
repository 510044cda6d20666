// The interface of the rendering for filters and tests. Types only.

import type { Budget } from './budget.ts';
import type { CallArguments, Value } from './values.ts';

export interface Runtime {
  budget: Budget;
  filter(name: string, input: Value, args: CallArguments): Value;
  test(name: string, input: Value, args: CallArguments): boolean;
  hasFilter(name: string): boolean;
  hasTest(name: string): boolean;
}

export type Filter = (input: Value, args: CallArguments, runtime: Runtime) => Value;
export type Test = (input: Value, args: CallArguments, runtime: Runtime) => boolean;
