// A filter over rows in words.

import type { ColumnFilter } from '#lib/datanets/search/column-values.ts';

export function filterWords(filter: ColumnFilter): string {
  const { column } = filter;
  if (filter.kind === 'is') return `${column} is “${filter.value}”`;
  if (filter.kind === 'between') return `${column} from ${filter.from} to ${filter.to}`;
  return filter.kind === 'filled' ? `${column} is filled` : `${column} is empty`;
}
