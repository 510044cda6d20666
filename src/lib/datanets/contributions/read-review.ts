// The verdict on each row of a judged contribution: reads the review behind the chain's reason and verifies that its curator
// signed it and that it is about this contribution.

import type { Hex } from '#lib/core/bytes.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { isPaged } from '#lib/formats/datanet/paged-list.ts';
import {
  checkRejected,
  parseReview,
  rejectedFormat,
  reviewTypedData,
  type RejectedRow,
  type Review,
} from '#lib/formats/datanet/review.ts';
import { createBlockReader } from '#lib/dataset/read-blocks.ts';
import { UnsignedError } from '#lib/dataset/errors.ts';
import { recoverSigner } from '#lib/dataset/recover-signer.ts';
import { reasonText } from './chain-contributions.ts';
import { cidOfDigest } from '#lib/formats/block/cid-of-digest.ts';
import type { DatanetContext } from '../datanet-context.ts';
import { ipfsBlockSource } from '../ipfs-block-source.ts';

export interface ReadReview {
  review: Review;
  rejected: readonly RejectedRow[];
}

/**
 * The review with digest `reason`; null when the reason is a short text or absent, so that the verdict covers all rows.
 * @throws FormatError, UnsignedError (the review is not valid), BlockMissingError, SourceFailedError (no source has it)
 */
export async function readReview(
  { ipfs, digester }: Pick<DatanetContext, 'ipfs' | 'digester'>,
  { number, content, reason }: { number: number; content: Hex; reason: Hex | null },
  signal?: AbortSignal,
): Promise<ReadReview | null> {
  if (reason === null || reasonText(reason) !== null) return null;
  const cid = cidOfDigest(reason);
  const name = `The review of contribution ${number}`;
  const { block, listed } = createBlockReader(ipfsBlockSource(ipfs, name), digester, signal);
  const review = parseReview(await block(cid), name);
  if (review.contribution !== content) throw new FormatError(name, 'it is of another contribution');
  const signer = await recoverSigner(reviewTypedData(review, digester), review.signature);
  if (signer !== review.curator) throw new UnsignedError(name, signer, review.curator);
  const rejected = await listed(review.rejected, rejectedFormat);
  if (isPaged(review.rejected)) checkRejected(rejected, review, name);
  return { review, rejected };
}
