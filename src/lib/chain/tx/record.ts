// A transaction as it is kept: what it is for, and how far it has come. Types only; plain values, so that every store
// and every export can hold it.

import type { Address, Hash, Hex } from 'viem';

/** Why something did not happen, in words that can be kept. */
export interface Failure {
  /** The contract error's name or selector, or a stable code of this product. */
  name: string;
  message: string;
}

/** The block a transaction is in. */
export interface Inclusion {
  hash: Hash;
  blockNumber: number;
  blockHash: Hash;
  gasUsed: number;
  /** All that was paid for it, wei as decimal text: gas, and where charged the layer below and the operator. */
  feeWei: string;
}

export type TxState =
  | { status: 'idle' }
  | { status: 'simulating' }
  | { status: 'simulation-failed'; failure: Failure }
  | { status: 'awaiting-signature' }
  | { status: 'rejected' }
  /** The wallet or node failed before there was a hash: nothing is known to have been sent. */
  | { status: 'not-sent'; failure: Failure }
  /** A wallet took several calls as one and has only said by which id it knows them. */
  | { status: 'with-wallet'; batch: string }
  | { status: 'submitted'; hash: Hash }
  | ({ status: 'included' } & Inclusion)
  | ({ status: 'safe' } & Inclusion)
  | ({ status: 'reverted'; failure: Failure } & Inclusion)
  /** `hash` is what took its place; a repriced one goes on to be included or reverted under it. */
  | { status: 'replaced'; how: 'cancelled' | 'repriced' | 'replaced'; hash: Hash }
  | { status: 'dropped'; hash: Hash | null };

export interface TxRecord {
  id: string;
  chainId: number;
  /** The plan's verb, such as `transfer`. */
  verb: string;
  /** Who pays what to whom. */
  explanation: string;
  from: Address;
  to: Address;
  data: Hex;
  /** Wei, as decimal text. */
  valueWei: string;
  /** The account's next nonce and the head when it was handed to the wallet: enough to find it after a crash. */
  nonce: number | null;
  sinceBlock: number | null;
  /** Milliseconds since 1970. */
  createdAt: number;
  state: TxState;
}

export type TxStatus = TxState['status'];
