// All filters by name. Jinja's random filter and those that format HTML or source code are not offered.

import { bind, wantText } from './arguments.ts';
import { fail } from './failure.ts';
import { readOnlyAttribute } from './members.ts';
import { NUMBER_FILTERS } from './number-filters.ts';
import type { Filter } from './runtime.ts';
import { SEQUENCE_FILTERS } from './sequence-filters.ts';
import { TEXT_FILTERS } from './text-filters.ts';

const notOffered =
  (name: string): Filter =>
  () =>
    fail('NotOffered', `the filter "${name}" is not offered here`);

const attr: Filter = (input, args, { budget }) =>
  readOnlyAttribute(input, wantText(bind('attr', args, ['name'], 1)[0]!, 'name'), budget);

export const FILTERS: ReadonlyMap<string, Filter> = new Map([
  ...Object.entries({ ...TEXT_FILTERS, ...NUMBER_FILTERS, ...SEQUENCE_FILTERS, attr }),
  ...['random', 'pprint', 'urlize', 'wordwrap'].map((name): [string, Filter] => [name, notOffered(name)]),
]);
