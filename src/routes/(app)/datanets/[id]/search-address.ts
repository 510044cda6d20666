// A search over rows in the address: words and filters, so that reload, Back and links restore it.

import type { ColumnFilter } from '#lib/datanets/search/column-values.ts';

export interface Search {
  words: string;
  filters: readonly ColumnFilter[];
}

const MOST_FILTERS = 20;
/** An open end of a range is null in JSON. */
const closed = (end: number): number | null => (Number.isFinite(end) ? end : null);

const fieldsOf = (filter: ColumnFilter): unknown[] =>
  filter.kind === 'is' ? [filter.value] : filter.kind === 'between' ? [closed(filter.from), closed(filter.to)] : [];

/** `to` with its search replaced by this one. */
export function searchAddress(to: URL, { words, filters }: Search): URL {
  const address = new URL(to);
  address.searchParams.delete('q');
  address.searchParams.delete('filter');
  if (words.trim() !== '') address.searchParams.set('q', words);
  for (const filter of filters)
    address.searchParams.append('filter', JSON.stringify([filter.kind, filter.column, ...fieldsOf(filter)]));
  return address;
}

/** Malformed parts are ignored: anyone can write an address. */
export function readSearch(of: URLSearchParams): Search {
  const filters = of
    .getAll('filter')
    .slice(0, MOST_FILTERS)
    .flatMap((text) => readFilter(text) ?? []);
  return { words: of.get('q') ?? '', filters };
}

function readFilter(text: string): ColumnFilter | null {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(fields)) return null;
  const [kind, column, one, other] = fields as unknown[];
  if (typeof column !== 'string') return null;
  if (kind === 'filled' || kind === 'empty') return { kind, column };
  if (kind === 'is') return typeof one === 'string' ? { kind, column, value: one } : null;
  const isEnd = (end: unknown): end is number | null => end === null || typeof end === 'number';
  if (kind !== 'between' || !isEnd(one) || !isEnd(other)) return null;
  return { kind, column, from: one ?? -Infinity, to: other ?? Infinity };
}
