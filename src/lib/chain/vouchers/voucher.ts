// What a session key signs for a node: the EIP-712 voucher of Settlement, with its bounds.

import { parseSignature, signatureToCompactSignature, type Address, type Hex } from 'viem';
import { SessionKeyError } from './errors.ts';

export interface VoucherLine {
  modelId: number;
  amountWei: bigint;
  calls: number;
}

export interface Voucher {
  payer: Address;
  node: Address;
  /** Amount redeemed from the channel before; the voucher pays on top of it. */
  baseWei: bigint;
  lines: readonly VoucherLine[];
  /** Merkle root of the paid receipts. */
  receipts: Hex;
}

/** `Voucher` of contracts/src/interfaces/ISettlement.sol, ready to send. */
export interface SignedVoucher extends Voucher {
  r: Hex;
  vs: Hex;
}

const MAX_WEI = (1n << 96n) - 1n;
export const MAX_LINES = 64;
const isUint32 = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 32;

const VOUCHER_TYPES = {
  Voucher: [
    { name: 'payer', type: 'address' },
    { name: 'node', type: 'address' },
    { name: 'base', type: 'uint96' },
    { name: 'lines', type: 'Line[]' },
    { name: 'receipts', type: 'bytes32' },
  ],
  Line: [
    { name: 'modelId', type: 'uint32' },
    { name: 'amount', type: 'uint96' },
    { name: 'calls', type: 'uint32' },
  ],
} as const;

/** Total debt of the payer since the channel was opened, after redeeming this voucher. */
export function cumulativeWei({ baseWei, lines }: Pick<Voucher, 'baseWei' | 'lines'>): bigint {
  const bad = (what: string) => new SessionKeyError('bad-voucher', `The voucher cannot be signed: ${what}.`);
  if (baseWei < 0n) throw bad('its base is negative');
  if (lines.length === 0 || lines.length > MAX_LINES) throw bad(`it must have 1 to ${MAX_LINES} lines`);
  let sumWei = baseWei;
  for (const { modelId, amountWei, calls } of lines) {
    if (!isUint32(modelId) || !isUint32(calls)) throw bad('a model id or a number of calls is out of range');
    if (amountWei <= 0n) throw bad('an amount is not positive');
    sumWei += amountWei;
  }
  if (sumWei > MAX_WEI) throw bad('its sum is out of range');
  return sumWei;
}

export const voucherTypedData = (chainId: number, settlement: Address, voucher: Voucher) =>
  ({
    domain: { name: 'Settlement', version: '1', chainId, verifyingContract: settlement },
    types: VOUCHER_TYPES,
    primaryType: 'Voucher',
    message: {
      payer: voucher.payer,
      node: voucher.node,
      base: voucher.baseWei,
      lines: voucher.lines.map(({ modelId, amountWei, calls }) => ({ modelId, amount: amountWei, calls })),
      receipts: voucher.receipts,
    },
  }) as const;

/** The two words of EIP-2098, as the contract expects them. */
export function compactSignature(signature: Hex): { r: Hex; vs: Hex } {
  const { r, yParityAndS } = signatureToCompactSignature(parseSignature(signature));
  return { r, vs: yParityAndS };
}
