// Computes a receipt again and says whether it is true. What follows from content ids alone is decided to the last bit; a revealed question or
// answer is compared with its salted hash. The first thing that differs ends it and is named. The vector of the call is not computed
// again from the text here: that needs the model, and holds within a tolerance only.

import type { CID } from 'multiformats/cid';
import { placeRows } from '#lib/attribution/place-rows.ts';
import type { Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { PayableError } from '#lib/core/errors.ts';
import { createBlockReader, type BlockSource } from '#lib/dataset/read-blocks.ts';
import { recoverSigner } from '#lib/dataset/recover-signer.ts';
import { cborCidOf } from '#lib/formats/block/block.ts';
import { HashMismatchError } from '#lib/formats/errors.ts';
import { parseAnswerReceipt, type AnswerReceipt, type ReceiptPart } from '#lib/formats/payment/answer-receipt.ts';
import { answerReceiptTypedData } from '#lib/formats/payment/answer-receipt-signature.ts';
import { ZERO_WORD } from '#lib/formats/payment/pot.ts';
import { hashRevealed, type RevealedAnswer, type RevealedSide } from '#lib/formats/payment/revealed-text.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import { checkPayment, type ShownPayment } from '#lib/settlement/check-payment.ts';
import {
  checkAttributionRoot,
  checkCosts,
  checkEntries,
  checkVector,
  passesLift,
  sharesOfPart,
  type AnswerShare,
  type Difference,
} from '#lib/settlement/check-receipt.ts';
import { readInfluenceFile, traceInfluence, type InfluenceFile } from '#lib/settlement/read-influence.ts';
import { receiptDigest } from '#lib/settlement/receipt-digest.ts';

export interface VerifyReceiptContext {
  /** Where the receipt, files of influence and Datanets are read; it need not be trusted. */
  source: BlockSource;
  digester: Digester;
}

export interface VerifyReceiptInput {
  /** Its bytes, or the content id of its block. */
  receipt: Uint8Array | CID;
  /** The node's receipts and the payer's voucher, where they are at hand. */
  paid?: ShownPayment | null;
  /** What its holder reveals. */
  revealed?: RevealedAnswer | null;
}

/** In the order in which they are made. */
export type ReceiptCheck =
  | 'form'
  | 'vector'
  | 'attribution'
  | 'cost'
  | 'signature'
  | 'payment'
  | 'input'
  | 'output'
  | 'artefact'
  | 'rho'
  | 'lift'
  | 'rows'
  | 'clusters'
  | 'shares';

export type VerifyReceiptEvent =
  | { type: 'receipt'; id: Hex; cid: string; receipt: AnswerReceipt }
  /** Holds. */
  | { type: 'holds'; check: ReceiptCheck; part: number | null }
  /** Could not be checked, since something is missing. */
  | { type: 'open'; check: ReceiptCheck; part: number | null; what: string }
  /** The first thing that differs. */
  | { type: 'differs'; check: ReceiptCheck; part: number | null; what: string }
  /** What each row of a part gets, when all of it holds. */
  | { type: 'shares'; part: number; shares: readonly AnswerShare[]; poolWei: bigint; restWei: bigint }
  | { type: 'verdict'; verdict: 'true' | 'false' | 'incomplete' };

interface Outcome {
  isOpen: boolean;
  isFalse: boolean;
}

/**
 * @example
 * import { verifyReceipt } from '#lib/flows/verify-receipt.ts';
 *
 * for await (const event of verifyReceipt({ source: blocks, digester }, { receipt: cid }, { signal })) {
 *   if (event.type === 'differs') show(`${event.check}: ${event.what}`);
 *   if (event.type === 'verdict') show(event.verdict);
 * }
 */
export async function* verifyReceipt(
  context: VerifyReceiptContext,
  input: VerifyReceiptInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<VerifyReceiptEvent, void, void> {
  const outcome: Outcome = { isOpen: false, isFalse: false };
  for await (const event of checks(context, input, signal)) {
    yield event;
    outcome.isOpen ||= event.type === 'open';
    outcome.isFalse ||= event.type === 'differs';
    if (outcome.isFalse) break;
  }
  yield { type: 'verdict', verdict: outcome.isFalse ? 'false' : outcome.isOpen ? 'incomplete' : 'true' };
}

const said = (check: ReceiptCheck, part: number | null, difference: Difference): VerifyReceiptEvent =>
  difference === null ? { type: 'holds', check, part } : { type: 'differs', check, part, what: difference };

/** Of a value that cannot be read or is another than it says; what is only missing, or was changed on its way, decides nothing. */
function failed(check: ReceiptCheck, part: number | null, error: unknown): VerifyReceiptEvent {
  if (!(error instanceof PayableError)) throw error;
  const isAway = error instanceof BlockMissingError || error instanceof HashMismatchError;
  return { type: isAway ? 'open' : 'differs', check, part, what: error.message };
}

async function* checks(
  { source, digester }: VerifyReceiptContext,
  { receipt: given, paid = null, revealed = null }: VerifyReceiptInput,
  signal: AbortSignal,
): AsyncGenerator<VerifyReceiptEvent, void, void> {
  let receipt: AnswerReceipt;
  try {
    const isBytes = given instanceof Uint8Array;
    const bytes = isBytes ? given : await createBlockReader(source, digester, signal).block(given);
    receipt = parseAnswerReceipt(bytes, 'The receipt');
    const cid = (isBytes ? cborCidOf(digester.sha256(bytes)) : given).toString();
    yield { type: 'receipt', id: receiptDigest(receipt), cid, receipt };
  } catch (error) {
    yield failed('form', null, error);
    return;
  }
  yield said('form', null, null);
  for (const [at, part] of receipt.parts.entries()) {
    yield said('vector', at, checkVector(part));
    yield said('attribution', at, checkAttributionRoot(part));
  }
  yield said('cost', null, checkCosts(receipt));
  yield said('signature', null, await checkSigner(receipt));
  if (paid) yield said('payment', null, checkPayment(receipt, paid));
  for (const side of ['input', 'output'] as const) {
    const text = revealed?.[side];
    if (text) yield said(side, null, hashDiffers(side, hashRevealed(side, text), receipt));
  }
  const files = new Map<Hex, InfluenceFile>();
  for (const [at, part] of receipt.parts.entries()) {
    const isKnown = yield* checkInfluence({ source, digester, signal }, receipt, at, files);
    if (!isKnown) continue;
    const { shares, split, restWei } = sharesOfPart(part);
    yield { type: 'shares', part: at, shares, poolWei: split.poolWei, restWei };
  }
}

const hashDiffers = (side: RevealedSide, found: Hex, receipt: AnswerReceipt): Difference =>
  found === receipt[side] ? null : `the revealed ${side} has the hash ${found}, the receipt says ${receipt[side]}`;

async function checkSigner(receipt: AnswerReceipt): Promise<Difference> {
  if (receipt.signature === null) return 'it is not signed';
  const signer = await recoverSigner(answerReceiptTypedData(receipt), receipt.signature);
  return signer === receipt.node ? null : `${signer ?? 'no key'} signed it, not the node ${receipt.node}`;
}

async function* checkInfluence(
  reading: VerifyReceiptContext & { signal: AbortSignal },
  receipt: AnswerReceipt,
  at: number,
  files: Map<Hex, InfluenceFile>,
): AsyncGenerator<VerifyReceiptEvent, boolean, void> {
  const part = receipt.parts[at]!;
  if (part.artefact === ZERO_WORD) {
    yield said(
      'rho',
      at,
      part.terms.rhoBps === 0 ? null : 'a part of the money follows influence, but no file of it is named',
    );
    return true;
  }
  let check: ReceiptCheck = 'artefact';
  try {
    const file = files.get(part.artefact) ?? (await readInfluenceFile(part.artefact, reading));
    files.set(part.artefact, file);
    yield said(check, at, null);
    const { head, rows } = file;
    yield said('rho', at, rhoDiffers(part, head.rhoBps));
    yield said('lift', at, liftDiffers(receipt, part, head.liftPerToken));
    check = 'rows';
    const { known, contentOf } = await traceInfluence(file, reading);
    yield said(check, at, null);
    check = 'clusters';
    let row = 0;
    for (const { cluster, scale } of placeRows(rows, contentOf, reading.digester)) {
      reading.signal.throwIfAborted();
      const filed = rows[row]!;
      if (filed.cluster !== cluster || filed.scale !== scale) {
        const right = `by its content cluster ${cluster} with scale ${scale}`;
        yield said(check, at, `row ${row} is in cluster ${filed.cluster} with scale ${filed.scale}, ${right}`);
        return false;
      }
      row++;
    }
    yield said(check, at, null);
    check = 'shares';
    yield said(check, at, checkEntries(part, known));
    return true;
  } catch (error) {
    yield failed(check, at, error);
    return false;
  }
}

const rhoDiffers = ({ terms }: ReceiptPart, rhoBps: number): Difference =>
  terms.rhoBps === rhoBps ? null : `influence decides ${terms.rhoBps} of 10,000 in it, ${rhoBps} by the version's file`;

/** A call may always go without influence; with it, its lift must be above the least. */
const liftDiffers = (receipt: AnswerReceipt, { vector }: ReceiptPart, liftPerToken: number): Difference =>
  vector === null || passesLift(receipt, liftPerToken)
    ? null
    : `its lift of ${receipt.liftMillinats} does not pass ${liftPerToken} for each of ${receipt.outputTokens} tokens`;
