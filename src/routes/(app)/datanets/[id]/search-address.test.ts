// A search survives the round trip through the address; malformed parts are ignored.

import { expect, it } from 'vitest';
import type { ColumnFilter } from '#lib/datanets/search/column-values.ts';
import { readSearch, searchAddress } from './search-address.ts';

const page = new URL('http://localhost/datanets/3?version=2&q=old');

it('words and filters of every kind come back as they were', () => {
  const filters: ColumnFilter[] = [
    { kind: 'is', column: 'a:b, "c"', value: '' },
    { kind: 'between', column: 'year', from: -Infinity, to: 0.5 },
    { kind: 'between', column: 'year', from: 1999, to: Infinity },
    { kind: 'filled', column: 'text' },
    { kind: 'empty', column: 'ü' },
  ];
  const address = searchAddress(page, { words: 'infusion & pump', filters });
  expect(address.searchParams.get('version')).toBe('2');
  expect(readSearch(new URL(address.href).searchParams)).toEqual({ words: 'infusion & pump', filters });
});

it('no search leaves nothing behind', () => {
  expect(searchAddress(page, { words: ' ', filters: [] }).search).toBe('?version=2');
});

it('what is no filter is left out', () => {
  const texts = ['', '{', '3', '["is","a"]', '["is","a",1]', '["between","a","1",2]', '["drop","a"]', '["filled",1]'];
  const address = new URL(page);
  for (const text of texts) address.searchParams.append('filter', text);
  expect(readSearch(address.searchParams)).toEqual({ words: 'old', filters: [] });
});
