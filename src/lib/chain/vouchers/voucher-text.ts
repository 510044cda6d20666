// A signed voucher as text for its node: JSON with amounts as decimal text. Parsing checks and bounds every field; only the
// contract verifies the signature.

import { addressOf, BadVoucherTextError, fieldsOf, listOf, numberOf, parseJson, weiOf, wordOf } from './text-fields.ts';
import { MAX_LINES, type SignedVoucher, type VoucherLine } from './voucher.ts';

const KIND = 'payable/voucher@2';
const MAX_TEXT = 32_768;

export function encodeVoucherText({ baseWei, lines, ...rest }: SignedVoucher): string {
  const shownLines = lines.map(({ amountWei, ...line }) => ({ ...line, amountWei: String(amountWei) }));
  return JSON.stringify({ kind: KIND, ...rest, baseWei: String(baseWei), lines: shownLines });
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
  const { kind, payer, node, baseWei, lines, r, vs } = fieldsOf(parseJson(text, MAX_TEXT), 'it');
  if (kind !== KIND) throw new BadVoucherTextError(`its kind is not ${KIND}`);
  return {
    payer: addressOf(payer, 'payer'),
    node: addressOf(node, 'node'),
    baseWei: weiOf(baseWei, 'baseWei'),
    lines: listOf(lines, MAX_LINES, 'lines').map(lineOf),
    r: wordOf(r, 'r'),
    vs: wordOf(vs, 'vs'),
  };
}
