// A filter over rows in words.

import type { ColumnFilter } from '#lib/datanets/search/column-values.ts';

export function filterWords(filter: ColumnFilter): string {
  const { column } = filter;
  if (filter.kind === 'is') return `${column} is “${filter.value}”`;
  if (filter.kind === 'between') {
    const [from, to] = [Number.isFinite(filter.from), Number.isFinite(filter.to)];
    if (from && to) return `${column} from ${filter.from} to ${filter.to}`;
    return from ? `${column} from ${filter.from}` : to ? `${column} up to ${filter.to}` : `${column} is a number`;
  }
  return filter.kind === 'filled' ? `${column} is filled` : `${column} is empty`;
}
