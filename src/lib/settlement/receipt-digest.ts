// The id of a receipt: its EIP-712 digest, which the node signs and which is the leaf of the voucher's tree. It does not depend on how the
// receipt is stored, nor on its signature.

import { hashTypedData } from 'viem';
import type { Hex } from '#lib/core/bytes.ts';
import type { AnswerReceipt } from '#lib/formats/payment/answer-receipt.ts';
import { answerReceiptTypedData } from '#lib/formats/payment/answer-receipt-signature.ts';
import type { CallReceipt } from '#lib/formats/payment/receipts.ts';

/**
 * @example
 * import { receiptDigest } from '#lib/settlement/receipt-digest.ts';
 *
 * show(`Receipt ${receiptDigest(receipt)}`);
 */
export const receiptDigest = (receipt: AnswerReceipt): Hex => hashTypedData(answerReceiptTypedData(receipt));

/**
 * The leaves that pay this receipt: one for each part, in the line of its model version.
 *
 * @example
 * import { callsOfReceipt } from '#lib/settlement/receipt-digest.ts';
 *
 * for (const { modelId, version, call } of callsOfReceipt(receipt)) show(`${call.costWei} wei for model ${modelId} v${version}`);
 */
export function callsOfReceipt(receipt: AnswerReceipt): { modelId: number; version: number; call: CallReceipt }[] {
  const digest = receiptDigest(receipt);
  return receipt.parts.map(({ modelId, version, query, costWei }) => ({
    ...{ modelId, version },
    call: { receipt: digest, vectorHash: query, costWei },
  }));
}
