// The receipts that a node shows its payer before it is paid, as text: JSON with what each call cost. The payer makes the lines of
// a voucher from them; the node compares a voucher with the receipts that it showed, before it redeems. What an answer was worth
// is for the payer to judge.

import { zeroHash, type Hex } from 'viem';
import { buildReceipts, type CallReceipt } from '#lib/formats/payment/receipts.ts';
import { PayableError } from '#lib/core/errors.ts';
import { BadVoucherTextError, fieldsOf, listOf, numberOf, parseJson, weiOf, wordOf } from './text-fields.ts';
import { MAX_CALLS, MAX_LINES, type SignedVoucher, type VoucherLine } from './voucher.ts';

/** The calls of one model version, in the order of the tree's leaves. */
export interface ShownCalls {
  modelId: number;
  version: number;
  calls: readonly CallReceipt[];
}

const KIND = 'payable/receipts@1';
const MAX_TEXT = 4 * 1024 * 1024;

/** The node's receipts are not those that the payer signed. */
export class OtherReceiptsError extends PayableError {
  constructor(what: string) {
    super('wallet/other-receipts', `The voucher does not pay these receipts: ${what}.`, {
      hint: 'Redeem only what you can show. Give the payer your receipts again.',
    });
  }
}

export function encodeReceiptsText(lines: readonly ShownCalls[]): string {
  const shown = lines.map(({ calls, ...line }) => ({
    ...line,
    calls: calls.map(({ costWei, ...call }) => ({ ...call, costWei: String(costWei) })),
  }));
  return JSON.stringify({ kind: KIND, lines: shown });
}

function callOf(value: unknown, where: string): CallReceipt {
  const { receipt, vectorHash, costWei } = fieldsOf(value, where);
  const word = wordOf(receipt, `receipt of ${where}`);
  if (word === zeroHash) throw new BadVoucherTextError(`receipt of ${where} is missing`);
  return {
    receipt: word.toLowerCase() as Hex,
    vectorHash: wordOf(vectorHash, `vectorHash of ${where}`),
    costWei: weiOf(costWei, `costWei of ${where}`),
  };
}

/** @throws BadVoucherTextError that names the faulty part */
export function parseReceiptsText(text: string): ShownCalls[] {
  const { kind, lines } = fieldsOf(parseJson(text, MAX_TEXT), 'it');
  if (kind !== KIND) throw new BadVoucherTextError(`its kind is not ${KIND}`);
  const seen = new Set<string>();
  return listOf(lines, MAX_LINES, 'lines').map((line, at) => {
    const { modelId, version, calls } = fieldsOf(line, `line ${at}`);
    const parsed = listOf(calls, MAX_CALLS, `calls of line ${at}`).map((call, place) =>
      callOf(call, `call ${place} of line ${at}`),
    );
    const of = {
      modelId: numberOf(modelId, `modelId of line ${at}`),
      version: numberOf(version, `version of line ${at}`),
    };
    // The answer of a blend is a call of each of its model versions.
    for (const { receipt } of parsed) {
      const call = `${of.modelId} ${of.version} ${receipt}`;
      if (seen.has(call)) throw new BadVoucherTextError('it lists a call twice');
      seen.add(call);
    }
    return { ...of, calls: parsed };
  });
}

/** The lines that pay these calls: their number, their sum, and the root of their receipts. */
export const linesOf = (shown: readonly ShownCalls[]): VoucherLine[] =>
  shown.map(({ modelId, version, calls }) => {
    const { root, total } = buildReceipts(calls);
    return { modelId, version, amountWei: total, calls: calls.length, receipts: root };
  });

/**
 * What a node checks before it redeems: every line pays the calls that the node has receipts of, and none that it cannot show.
 * @throws OtherReceiptsError
 */
export function requireOwnReceipts({ lines }: Pick<SignedVoucher, 'lines'>, shown: readonly ShownCalls[]): void {
  const own = linesOf(shown);
  if (lines.length !== own.length)
    throw new OtherReceiptsError(`it has ${lines.length} lines, they have ${own.length}`);
  lines.forEach((line, at) => {
    const mine = own[at]!;
    const isSame =
      line.modelId === mine.modelId &&
      line.version === mine.version &&
      line.calls === mine.calls &&
      line.amountWei === mine.amountWei &&
      line.receipts.toLowerCase() === mine.receipts;
    if (!isSame) throw new OtherReceiptsError(`line ${at} is for other calls`);
  });
}
