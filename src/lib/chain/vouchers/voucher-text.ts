// A signed voucher as text for its node: JSON with amounts as decimal text. Parsing checks and bounds every field; only the
// contract verifies the signature.

import { getAddress, isAddress, isHex, type Address, type Hex } from 'viem';
import { PayableError } from '#lib/core/errors.ts';
import { MAX_LINES, type SignedVoucher, type VoucherLine } from './voucher.ts';

const KIND = 'payable/voucher@2';
const MAX_TEXT = 32_768;

export class BadVoucherTextError extends PayableError {
  constructor(what: string) {
    super('wallet/bad-voucher-text', `This is no voucher: ${what}.`, { hint: 'Copy it again, as a whole.' });
  }
}

export function encodeVoucherText({ baseWei, lines, ...rest }: SignedVoucher): string {
  const shownLines = lines.map(({ amountWei, ...line }) => ({ ...line, amountWei: String(amountWei) }));
  return JSON.stringify({ kind: KIND, ...rest, baseWei: String(baseWei), lines: shownLines });
}

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadVoucherTextError(`${what} is not an object`);
  }
  return value as Fields;
}

function weiOf(value: unknown, field: string): bigint {
  if (typeof value !== 'string' || !/^\d{1,29}$/.test(value)) {
    throw new BadVoucherTextError(`${field} is not an amount in wei`);
  }
  return BigInt(value);
}

function addressOf(value: unknown, field: string): Address {
  if (typeof value !== 'string' || !isAddress(value, { strict: false })) {
    throw new BadVoucherTextError(`${field} is not an address`);
  }
  return getAddress(value);
}

function wordOf(value: unknown, field: string): Hex {
  if (!isHex(value) || value.length !== 66) throw new BadVoucherTextError(`${field} is not 32 bytes`);
  return value;
}

function numberOf(value: unknown, field: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= 2 ** 32) {
    throw new BadVoucherTextError(`${field} is not a whole number below 2^32`);
  }
  return value;
}

function lineOf(value: unknown, at: number): VoucherLine {
  const { modelId, version, amountWei, calls, receipts } = fieldsOf(value, `line ${at}`);
  return {
    modelId: numberOf(modelId, `modelId of line ${at}`),
    version: numberOf(version, `version of line ${at}`),
    amountWei: weiOf(amountWei, `amountWei of line ${at}`),
    calls: numberOf(calls, `calls of line ${at}`),
    receipts: wordOf(receipts, `receipts of line ${at}`),
  };
}

/** @throws BadVoucherTextError that names the faulty part */
export function parseVoucherText(text: string): SignedVoucher {
  if (text.length > MAX_TEXT) throw new BadVoucherTextError(`it is longer than ${MAX_TEXT} characters`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new BadVoucherTextError('it is cut short or changed');
  }
  const { kind, payer, node, baseWei, lines, r, vs } = fieldsOf(parsed, 'it');
  if (kind !== KIND) throw new BadVoucherTextError(`its kind is not ${KIND}`);
  if (!Array.isArray(lines) || lines.length === 0 || lines.length > MAX_LINES) {
    throw new BadVoucherTextError(`it must have 1 to ${MAX_LINES} lines`);
  }
  return {
    payer: addressOf(payer, 'payer'),
    node: addressOf(node, 'node'),
    baseWei: weiOf(baseWei, 'baseWei'),
    lines: lines.map(lineOf),
    r: wordOf(r, 'r'),
    vs: wordOf(vs, 'vs'),
  };
}
