// The last view of one Datanet's rows: the search with its index, and scroll positions. It outlives the page, so that returning
// from a row restores it. Only the view of the last Datanet is kept.

import type { RowSearchState } from '#lib/state/row-search.svelte.ts';

export interface KeptView {
  search: RowSearchState;
  /** Pixels: of the table, and of the page. */
  tableTop: number;
  pageTop: number;
  /** Number of results that were shown. */
  shown: number;
  /** The part of the address that names the search. */
  query: string;
}

let kept: { key: string; view: KeptView } | null = null;

export function keptView(key: string, start: () => RowSearchState): KeptView {
  if (kept?.key === key) return kept.view;
  kept?.view.search.close();
  kept = { key, view: { search: start(), tableTop: 0, pageTop: 0, shown: 0, query: '' } };
  return kept.view;
}

/** Of the Datanet shown last, in any version; empty for any other. */
export const lastQuery = (key: string): string => (kept?.key.startsWith(`${key} `) ? kept.view.query : '');
