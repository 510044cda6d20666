// What a reducer is: from one decoded log and the rows so far to rows. It must depend on nothing else, so that every
// machine that reads the same chain has the same rows.

import type { Abi, Address, Hash } from 'viem';
import type { Row } from './rows.ts';

export interface DecodedLog {
  address: Address;
  name: string;
  args: Readonly<Record<string, unknown>>;
  blockNumber: number;
  logIndex: number;
  transactionHash: Hash;
}

export interface Rows {
  get(table: string, key: string): Promise<Row | null>;
  put(table: string, key: string, row: Row | null): Promise<void>;
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
export const plus = (kept: unknown, more: bigint): string => String(BigInt((kept ?? '0') as string) + more);
