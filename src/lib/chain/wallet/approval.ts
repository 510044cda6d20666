// What the user approves before a signature. Types only: a page shows it and returns the decision.

import type { Address, Hex, TypedDataDefinition } from 'viem';
import type { SessionTerms } from '../vouchers/session-record.ts';

export interface WalletCall {
  to: Address | null;
  valueWei: bigint;
  data: Hex;
}

export type ApprovalRequest =
  | {
      kind: 'transaction';
      chainId: number;
      from: Address;
      /** One call, or several that succeed or fail together. */
      calls: readonly WalletCall[];
      /** The highest possible fee. */
      maxFeeWei: bigint;
      /** Set when the account is about to delegate to this contract permanently (EIP-7702). */
      delegatesTo: Address | null;
    }
  | { kind: 'message'; from: Address; text: string | null; raw: Hex }
  | { kind: 'typed-data'; from: Address; chainId: number; data: TypedDataDefinition }
  | { kind: 'session-key'; terms: SessionTerms };

/** Resolves when the user agrees and the wallet is open; rejects with `DeclinedError` otherwise. */
export type Approve = (request: ApprovalRequest) => Promise<void>;
