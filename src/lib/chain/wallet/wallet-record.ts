// The stored wallet as a record: public facts and the sealed secret. Parses and checks; does not decrypt.

import { getAddress, isAddress, isHex, type Address, type Hex } from 'viem';
import { WalletRecordError } from './errors.ts';

export type Guard =
  /** Unlocked by a passkey's PRF output for `salt`. */
  | { kind: 'passkey'; credentialId: Hex; salt: Hex }
  /** Unlocked by a non-extractable key that this browser stores. */
  | { kind: 'device' };

export interface WalletRecord {
  version: 1;
  address: Address;
  guard: Guard;
  iv: Hex;
  /** The sealed 16 bytes of entropy of the twelve words. */
  sealed: Hex;
  createdAtMs: number;
  backedUpAtMs: number | null;
}

/** The authenticated context of the seal: a record moved to another version, address or guard does not decrypt. */
export const walletContext = ({
  version,
  address,
  guard,
}: Pick<WalletRecord, 'version' | 'address' | 'guard'>): string =>
  `payable/wallet@${version}|${address.toLowerCase()}|${guard.kind}`;

const hexOf = (value: unknown, name: string, most: number, least = 1): Hex => {
  if (!isHex(value) || value.length % 2 !== 0 || value.length < 2 + 2 * least || value.length > 2 + 2 * most) {
    throw new WalletRecordError(`its field "${name}" is damaged`);
  }
  return value;
};

const timeOf = (value: unknown, name: string): number => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new WalletRecordError(`its field "${name}" is damaged`);
  }
  return value;
};

function parseGuard(value: unknown): Guard {
  const { kind, credentialId, salt } = (value ?? {}) as Record<string, unknown>;
  if (kind === 'device') return { kind };
  if (kind !== 'passkey') throw new WalletRecordError('how it is guarded is not known here');
  return { kind, credentialId: hexOf(credentialId, 'credentialId', 1023), salt: hexOf(salt, 'salt', 32, 32) };
}

/** Null when nothing is stored. */
export function parseWalletRecord(value: unknown): WalletRecord | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') throw new WalletRecordError('it is not a record');
  const { version, address, guard, iv, sealed, createdAtMs, backedUpAtMs } = value as Record<string, unknown>;
  if (version !== 1) throw new WalletRecordError(`its version is ${String(version).slice(0, 20)}, this app knows 1`);
  if (typeof address !== 'string' || !isAddress(address, { strict: false })) {
    throw new WalletRecordError('its field "address" is damaged');
  }
  return {
    version,
    address: getAddress(address),
    guard: parseGuard(guard),
    iv: hexOf(iv, 'iv', 12, 12),
    sealed: hexOf(sealed, 'sealed', 32, 32),
    createdAtMs: timeOf(createdAtMs, 'createdAtMs'),
    backedUpAtMs: backedUpAtMs === null ? null : timeOf(backedUpAtMs, 'backedUpAtMs'),
  };
}
