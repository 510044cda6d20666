// A reducer turns a decoded log and the current rows into new rows. It must depend on nothing else, so that every machine that
// reads the same chain has the same rows.

import type { Abi, Address, Hash } from 'viem';
import type { KeyOf, RowOf, TableName } from './tables.ts';

export interface DecodedLog {
  address: Address;
  name: string;
  args: Readonly<Record<string, unknown>>;
  blockNumber: number;
  logIndex: number;
  transactionHash: Hash;
}

export interface Rows {
  get<Name extends TableName>(table: Name, key: KeyOf<Name>): Promise<RowOf<Name> | null>;
  put<Name extends TableName>(table: Name, key: KeyOf<Name>, row: RowOf<Name> | null): Promise<void>;
}

/**
 * Changes some fields of a row, creating the row if needed. The order of a contract's logs ensures that all fields of the table's
 * type are set.
 */
export async function update<Name extends TableName>(
  rows: Rows,
  table: Name,
  key: KeyOf<Name>,
  change: (before: Partial<RowOf<Name>>) => Partial<RowOf<Name>>,
): Promise<void> {
  const before: Partial<RowOf<Name>> = (await rows.get(table, key)) ?? {};
  await rows.put(table, key, { ...before, ...change(before) } as RowOf<Name>);
}

/** By event name. */
export type Reducers = Readonly<Record<string, (rows: Rows, log: DecodedLog) => Promise<void>>>;

/** A contract to index. */
export interface Source {
  address: Address;
  abi: Abi;
  reducers: Reducers;
}

/** Adds to a number stored as decimal text. */
export const plus = (kept: string | undefined, more: bigint): string => String(BigInt(kept ?? '0') + more);
