// A stored session key: public terms and sealed secret. Parses and checks; does not decrypt.

import { getAddress, isAddress, isHex, type Address, type Hex } from 'viem';

export interface SessionTerms {
  node: Address;
  chainId: number;
  /** The contract whose vouchers it signs. */
  settlement: Address;
  /** Most wei that its vouchers may ever owe in all. */
  capWei: bigint;
  expiresAtMs: number;
}

export interface SessionRecord extends SessionTerms {
  version: 1;
  payer: Address;
  /** Address of the key. */
  signer: Address;
  /** Most wei that signed vouchers owe so far. */
  signedWei: bigint;
  iv: Hex;
  sealed: Hex;
}

/** Authenticates everything except the spent amount: a record with a raised cap or another node does not decrypt. */
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

/** Null for anything but a session record of this version, which is then ignored. */
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
