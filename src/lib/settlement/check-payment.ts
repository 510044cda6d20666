// That a voucher pays a receipt: every part of it is a leaf under the line of its model version, with its cost, and the lines of the voucher
// are those trees. Whether the payer opened a channel for the key that signed is on the chain.

import { linesOf, type ShownCalls } from '#lib/chain/vouchers/receipts-text.ts';
import type { SignedVoucher } from '#lib/chain/vouchers/voucher.ts';
import type { AnswerReceipt } from '#lib/formats/payment/answer-receipt.ts';
import type { Difference } from './check-receipt.ts';
import { callsOfReceipt } from './receipt-digest.ts';

/** The receipts that a node showed its payer, and the voucher that was signed for them. */
export interface ShownPayment {
  shown: readonly ShownCalls[];
  voucher: SignedVoucher | null;
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * @example
 * import { checkPayment } from '#lib/settlement/check-payment.ts';
 *
 * show(checkPayment(receipt, { shown: [], voucher: null }) ?? 'The answer is paid');
 */
export function checkPayment(receipt: AnswerReceipt, { shown, voucher }: ShownPayment): Difference {
  if (receipt.chain === null) return 'the answer is free, so no voucher pays it';
  for (const { modelId, version, call } of callsOfReceipt(receipt)) {
    const line = shown.find((one) => one.modelId === modelId && one.version === version);
    const leaf = line?.calls.find((one) => isSame(one.receipt, call.receipt));
    const name = `model ${modelId} v${version}`;
    if (!leaf) return `the tree of ${name} has no leaf for this receipt`;
    if (!isSame(leaf.vectorHash, call.vectorHash)) return `its leaf in the tree of ${name} names another vector`;
    if (leaf.costWei !== call.costWei) {
      return `its leaf in the tree of ${name} costs ${leaf.costWei} wei, the receipt says ${call.costWei}`;
    }
  }
  return voucher && checkVoucher(receipt, shown, voucher);
}

function checkVoucher(receipt: AnswerReceipt, shown: readonly ShownCalls[], voucher: SignedVoucher): Difference {
  if (!isSame(voucher.payer, receipt.payer)) return `the voucher is of ${voucher.payer}, not of the payer`;
  if (!isSame(voucher.node, receipt.node)) return `the voucher is for ${voucher.node}, not for the node`;
  const right = linesOf(shown);
  const at = right.findIndex((line, index) => {
    const other = voucher.lines[index];
    return (
      other?.modelId !== line.modelId ||
      other.version !== line.version ||
      other.calls !== line.calls ||
      other.amountWei !== line.amountWei ||
      !isSame(other.receipts, line.receipts)
    );
  });
  if (at >= 0) return `line ${at} of the voucher is for other calls`;
  return right.length === voucher.lines.length
    ? null
    : `the voucher has ${voucher.lines.length} lines, not ${right.length}`;
}
