// A kept session key: its terms in the open, its secret sealed. It checks what it reads; it opens nothing.

import { getAddress, isAddress, isHex, type Address, type Hex } from 'viem';

export interface SessionTerms {
  node: Address;
  chainId: number;
  /** The contract whose vouchers it signs. */
  settlement: Address;
  /** The most it may ever owe. */
  capWei: bigint;
  expiresAtMs: number;
}

export interface SessionRecord extends SessionTerms {
  version: 1;
  payer: Address;
  /** Address of the key. */
  signer: Address;
  /** The most that a signed voucher owes so far. */
  signedWei: bigint;
  iv: Hex;
  sealed: Hex;
}

/** Everything but what was spent is bound: a record with a raised cap or another node does not open. */
export const sessionContext = (record: Omit<SessionRecord, 'iv' | 'sealed' | 'signedWei'>): string =>
  [
    `payable/session@${record.version}`,
    record.payer,
    record.signer,
    record.node,
    record.chainId,
    record.settlement,
    record.capWei,
    record.expiresAtMs,
  ]
    .join('|')
    .toLowerCase();

const isWei = (value: unknown): value is bigint => typeof value === 'bigint' && value >= 0n && value < 1n << 96n;

/** Null for what is no session record of this version: it is not shown and signs nothing. */
export function parseSessionRecord(value: unknown): SessionRecord | null {
  if (typeof value !== 'object' || value === null) return null;
  const { version, payer, signer, node, settlement, chainId, capWei, signedWei, expiresAtMs, iv, sealed } =
    value as Record<string, unknown>;
  const addresses = [payer, signer, node, settlement];
  if (!addresses.every((one) => typeof one === 'string' && isAddress(one, { strict: false }))) return null;
  if (version !== 1 || !isWei(capWei) || !isWei(signedWei) || !isHex(iv) || !isHex(sealed)) return null;
  if (!Number.isSafeInteger(chainId) || !Number.isSafeInteger(expiresAtMs)) return null;
  const [payerAddress, signerAddress, nodeAddress, settlementAddress] = (addresses as string[]).map((one) =>
    getAddress(one),
  );
  return {
    version,
    payer: payerAddress!,
    signer: signerAddress!,
    node: nodeAddress!,
    settlement: settlementAddress!,
    chainId: chainId as number,
    expiresAtMs: expiresAtMs as number,
    capWei,
    signedWei,
    iv,
    sealed,
  };
}
