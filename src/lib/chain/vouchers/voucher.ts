// What a session key signs for a node: the EIP-712 voucher of Settlement, with its bounds.

import { parseSignature, signatureToCompactSignature, zeroHash, type Address, type Hex } from 'viem';
import { SessionKeyError } from './errors.ts';

/** The calls of one model version that are paid. */
export interface VoucherLine {
  modelId: number;
  version: number;
  /** What the calls cost together: the sum of the tree. */
  amountWei: bigint;
  calls: number;
  /** Merkle-sum root over the receipts of the calls. With it payer and node agree on what each call cost. */
  receipts: Hex;
}

export interface Voucher {
  payer: Address;
  node: Address;
  /** Amount redeemed from the channel before; the voucher pays on top of it. */
  baseWei: bigint;
  lines: readonly VoucherLine[];
}

/** `Voucher` of contracts/src/interfaces/ISettlement.sol, ready to send. */
export interface SignedVoucher extends Voucher {
  r: Hex;
  vs: Hex;
}

const MAX_WEI = (1n << 96n) - 1n;
export const MAX_LINES = 64;
/** Settlement refuses a line of more calls. */
export const MAX_CALLS = 65_536;
const isId = (value: number): boolean => Number.isInteger(value) && value > 0 && value < 2 ** 32;
const isCalls = (value: number): boolean => Number.isInteger(value) && value > 0 && value <= MAX_CALLS;

const VOUCHER_TYPES = {
  Voucher: [
    { name: 'payer', type: 'address' },
    { name: 'node', type: 'address' },
    { name: 'base', type: 'uint96' },
    { name: 'lines', type: 'Line[]' },
  ],
  Line: [
    { name: 'modelId', type: 'uint32' },
    { name: 'version', type: 'uint32' },
    { name: 'amount', type: 'uint96' },
    { name: 'calls', type: 'uint32' },
    { name: 'receipts', type: 'bytes32' },
  ],
} as const;

/**
 * Total debt of the payer since the channel was opened, after redeeming this voucher. Refuses what must not be signed: a line
 * without receipts would pay for calls that cannot be shown.
 */
export function cumulativeWei({ baseWei, lines }: Pick<Voucher, 'baseWei' | 'lines'>): bigint {
  const bad = (what: string) => new SessionKeyError('bad-voucher', `The voucher cannot be signed: ${what}.`);
  if (baseWei < 0n) throw bad('its base is negative');
  if (lines.length === 0 || lines.length > MAX_LINES) throw bad(`it must have 1 to ${MAX_LINES} lines`);
  let sumWei = baseWei;
  for (const { modelId, version, amountWei, calls, receipts } of lines) {
    if (!isId(modelId) || !isId(version)) throw bad('a model or a version is out of range');
    if (!isCalls(calls)) throw bad(`a line must have 1 to ${MAX_CALLS} calls`);
    if (receipts === zeroHash) throw bad('a line has no receipts');
    if (amountWei <= 0n) throw bad('an amount is not positive');
    sumWei += amountWei;
  }
  if (sumWei > MAX_WEI) throw bad('its sum is out of range');
  return sumWei;
}

/** `Line` of ISettlement. */
export const contractLine = ({ amountWei, ...line }: VoucherLine) => ({ ...line, amount: amountWei });

export const voucherTypedData = (chainId: number, settlement: Address, voucher: Voucher) =>
  ({
    domain: { name: 'Settlement', version: '1', chainId, verifyingContract: settlement },
    types: VOUCHER_TYPES,
    primaryType: 'Voucher',
    message: {
      payer: voucher.payer,
      node: voucher.node,
      base: voucher.baseWei,
      lines: voucher.lines.map(contractLine),
    },
  }) as const;

/** The two words of EIP-2098, as the contract expects them. */
export function compactSignature(signature: Hex): { r: Hex; vs: Hex } {
  const { r, yParityAndS } = signatureToCompactSignature(parseSignature(signature));
  return { r, vs: yParityAndS };
}
