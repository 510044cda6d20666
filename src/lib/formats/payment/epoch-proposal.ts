// The proposal of an epoch range, a struct of IAttributionLedger, and its hash.

import { sizedBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { keccak256 } from '#lib/core/keccak.ts';

/** Same names and order as in the contract. Amounts are wei. */
export interface EpochProposal {
  from: bigint;
  to: bigint;
  previousRoot: Hex;
  previousTotal: bigint;
  previousAccounts: number;
  accountsRoot: Hex;
  total: bigint;
  accounts: number;
  entriesRoot: Hex;
  paid: bigint;
  entries: number;
  callsRoot: Hex;
  pools: bigint;
  calls: number;
  /** Content id of all leaves. */
  dataHash: Hex;
}

/** Seconds per epoch; epochs are counted from 1970. */
const EPOCH_SECONDS = 3600n;

export const epochOf = (seconds: bigint): bigint => seconds / EPOCH_SECONDS;

const word = (value: bigint | number | Hex): Uint8Array =>
  typeof value === 'string' ? sizedBytes(value, 32) : uintBytes(value, 32);

/** The hash that the ledger stores: `keccak256(abi.encode(proposal))`. */
export function hashProposal(p: EpochProposal): Hex {
  const before = [p.from, p.to, p.previousRoot, p.previousTotal, p.previousAccounts];
  const now = [p.accountsRoot, p.total, p.accounts, p.entriesRoot, p.paid, p.entries];
  return toHex(keccak256(...[...before, ...now, p.callsRoot, p.pools, p.calls, p.dataHash].map(word)));
}
