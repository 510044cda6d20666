// Makes the receipt of an answer from what the node measured: costs of a blend's parts, hashes and entries are computed here, by the same
// rule that checks them. Without a signature; the node's wallet adds it.

import { apportion } from '#lib/core/apportion.ts';
import {
  buildEntryTree,
  encodeAnswerReceipt,
  parseAnswerReceipt,
  vectorHashOf,
  type AnswerReceipt,
  type ReceiptPart,
} from '#lib/formats/payment/answer-receipt.ts';
import { encodeCallVector, type CallVector } from '#lib/formats/payment/call-vector.ts';
import { ZERO_WORD } from '#lib/formats/payment/pot.ts';
import type { KnownInfluence } from './known-influence.ts';
import { passesLift } from './check-receipt.ts';
import { createWeigher } from './weigh-call.ts';

/** What the node knows of a version's influence, with the digest of its file and the least lift that it names. */
export interface ServedInfluence {
  artefact: ReceiptPart['artefact'];
  liftPerToken: number;
  known: KnownInfluence;
}

export interface AnsweredPart extends Pick<ReceiptPart, 'modelId' | 'version' | 'adapter' | 'weightBps' | 'terms'> {
  influence: ServedInfluence | null;
  /** Null where it was not computed. It is dropped for an answer that the adapter did not cause. */
  vector: CallVector | null;
}

export interface AnsweredQuestion extends Omit<AnswerReceipt, 'parts' | 'signature'> {
  parts: readonly AnsweredPart[];
}

function partOf(
  { influence, vector, ...part }: AnsweredPart,
  costWei: bigint,
  answer: Pick<AnswerReceipt, 'liftMillinats' | 'outputTokens'>,
): ReceiptPart {
  const isCaused = influence !== null && passesLift(answer, influence.liftPerToken);
  const bytes = isCaused && vector !== null ? encodeCallVector(vector) : null;
  const entries = bytes === null ? [] : createWeigher(influence!.known)(bytes);
  return {
    ...part,
    artefact: influence?.artefact ?? ZERO_WORD,
    query: vectorHashOf(bytes),
    attribution: buildEntryTree(entries).root,
    costWei,
    vector: bytes,
    entries,
  };
}

/**
 * @throws FormatError, OutOfRangeError for values that no receipt can hold
 * @example
 * import { buildReceipt } from '#lib/settlement/build-receipt.ts';
 *
 * const unsigned = buildReceipt(question);
 * show(`${unsigned.parts[0]!.entries.length} rows are behind this answer`);
 */
export function buildReceipt({ parts, ...question }: AnsweredQuestion): AnswerReceipt {
  const weights = parts.map(({ weightBps }) => BigInt(weightBps));
  const costs = apportion(question.costWei, weights);
  const made = parts.map((part, at) => partOf(part, costs[at]!, question));
  // In the form that readers get: hashes and addresses in small letters.
  return parseAnswerReceipt(encodeAnswerReceipt({ ...question, parts: made, signature: null }), 'The receipt');
}
