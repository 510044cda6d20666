// Joins the redemptions of a pot, as the chain has them, with a file of receipts.

import type { PaidLine, PotRecord } from '#lib/formats/payment/pot.ts';
import type { LineReceipts } from '#lib/formats/payment/pot-receipts.ts';
import type { PublishedRedemption } from './build-pot.ts';
import { ReceiptsDifferError } from './errors.ts';

/**
 * Lines of 0 calls need no receipts.
 *
 * @throws ReceiptsDifferError for a line whose receipts are missing
 * @example
 * import { parsePotReceipts } from '#lib/formats/payment/pot-receipts.ts';
 * import { buildPot } from '#lib/settlement/build-pot.ts';
 * import { joinReceipts } from '#lib/settlement/join-receipts.ts';
 *
 * const receipts = parsePotReceipts(new Uint8Array(await file.arrayBuffer()), file.name);
 * const pot = buildPot(joinReceipts(published, receipts), { word: root, ledger: account }, known);
 */
export function joinReceipts(
  redemptions: readonly { record: PotRecord; lines: readonly PaidLine[] }[],
  receipts: readonly LineReceipts[],
): PublishedRedemption[] {
  const byRoot = new Map(receipts.map((line) => [line.receipts.toLowerCase(), line.published]));
  return redemptions.map(({ record, lines }, redemption) => ({
    record,
    lines: lines.map((line, at) => {
      const published = line.calls === 0 ? [] : byRoot.get(line.receipts.toLowerCase());
      if (!published) throw new ReceiptsDifferError(`those of line ${at} of redemption ${redemption} are missing`);
      return { receipts: line.receipts, amountWei: line.amountWei, calls: line.calls, published };
    }),
  }));
}
