// What a reducer is: from one decoded log and the rows so far to rows. It must depend on nothing else, so that every
// machine that reads the same chain has the same rows.

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
 * Changes some fields of a row; one that is not there yet begins empty. The logs of a contract come in an order that
 * fills all fields of its table's type.
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

/** A contract that is followed. */
export interface Source {
  address: Address;
  abi: Abi;
  reducers: Reducers;
}

/** Adds to a number that is kept as decimal text. */
export const plus = (kept: string | undefined, more: bigint): string => String(BigInt(kept ?? '0') + more);
