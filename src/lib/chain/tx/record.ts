// A stored transaction: its purpose and state. Types only; plain values, which every store and export can hold.

import type { Address, Hash, Hex } from 'viem';

/** Why something failed, in words that can be stored. */
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
  /** Total fee, wei as decimal text: gas, and where charged the L1 data fee and the operator fee. */
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
  /** A wallet accepted a batch and returned only its own id for it. */
  | { status: 'with-wallet'; batch: string }
  | { status: 'submitted'; hash: Hash }
  | ({ status: 'included' } & Inclusion)
  | ({ status: 'safe' } & Inclusion)
  | ({ status: 'reverted'; failure: Failure } & Inclusion)
  /** `hash` is the replacement; a repriced record continues with it until included or reverted. */
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
  /** The account's next nonce and the head when it was sent to the wallet: enough to find it after a crash. */
  nonce: number | null;
  sinceBlock: number | null;
  /** Milliseconds since 1970. */
  createdAt: number;
  state: TxState;
}

export type TxStatus = TxState['status'];
