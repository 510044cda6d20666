// Delegation of an account to the batch contract (EIP-7702), and the call data of a batch (ERC-7821).

import { concatHex, type Address, type Hex } from 'viem';
import { encodeExecuteData } from 'viem/experimental/erc7821';
import type { Call } from './fees.ts';

/** A call to a contract or account; a batch cannot deploy contracts. */
export type BatchCall = Call;

export const isBatchCall = (call: Omit<Call, 'to'> & { to: Address | null }): call is BatchCall => call.to !== null;

/** The code of an account that delegates to `contract`. */
export const delegationTo = (contract: Address): Hex => concatHex(['0xef0100', contract]).toLowerCase() as Hex;

/** ERC-7821 `execute` in its default mode: every call or none. */
export const batchData = (calls: readonly BatchCall[]): Hex =>
  encodeExecuteData({
    calls: calls.map(({ to, valueWei, data }) => ({ to, value: valueWei, data })),
  });
