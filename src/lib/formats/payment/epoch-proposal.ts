// The proposal of an epoch range, as IAttributionLedger has it, and its hash. It knows the struct; not who proposes.

import { sizedBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { keccak256 } from '#lib/core/keccak.ts';

/** Names and order are those of the contract. Amounts are wei. */
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

/** Seconds of an epoch; it is numbered from 1970. */
const EPOCH_SECONDS = 3600n;

export const epochOf = (seconds: bigint): bigint => seconds / EPOCH_SECONDS;

const word = (value: bigint | number | Hex): Uint8Array =>
  typeof value === 'string' ? sizedBytes(value, 32) : uintBytes(value, 32);

/** What the ledger keeps of it: `keccak256(abi.encode(proposal))`. */
export function hashProposal(p: EpochProposal): Hex {
  const before = [p.from, p.to, p.previousRoot, p.previousTotal, p.previousAccounts];
  const now = [p.accountsRoot, p.total, p.accounts, p.entriesRoot, p.paid, p.entries];
  return toHex(keccak256(...[...before, ...now, p.callsRoot, p.pools, p.calls, p.dataHash].map(word)));
}
