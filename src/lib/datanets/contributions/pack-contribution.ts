// Packs rows into a signed contribution: each row gets its contributor's name; rows are sorted and cut like those of a version,
// so that shards whose rows are all accepted need no second upload. Rows stream in, blocks stream out.

import type { Hex } from '#lib/core/bytes.ts';
import { toHex } from '#lib/core/bytes.ts';
import {
  attachmentFormat,
  createAttachmentPicker,
  type AttachedFiles,
  type Attachment,
} from '#lib/formats/datanet/attachments.ts';
import type { Block } from '#lib/formats/block/block.ts';
import { encodeContribution, MAX_CONTRIBUTION_ROWS, type Contribution } from '#lib/formats/datanet/contribution.ts';
import { contributionTypedData } from '#lib/formats/datanet/contribution-signature.ts';
import { rowContributor, rowOf } from '#lib/formats/datanet/datanet-row.ts';
import { shardFormat } from '#lib/formats/datanet/datanet-version.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { buildPagedList } from '#lib/formats/datanet/paged-list.ts';
import { NoRowsError, UnsignedError } from '#lib/dataset/errors.ts';
import { OtherContributorError } from '../errors.ts';
import { recoverSigner } from '#lib/dataset/recover-signer.ts';
import { createRowSorter } from '#lib/dataset/sort-rows.ts';
import { writeShards, type NumberedRow, type PackOptions } from '#lib/dataset/write-shards.ts';

export type ContributionTerms = Pick<Contribution, 'datanet' | 'contributor' | 'licence' | 'createdAt'>;

export interface ContributeOptions extends PackOptions {
  /** The contributor's wallet. */
  sign(typedData: ReturnType<typeof contributionTypedData>): Promise<Hex>;
  /** Attached files that are stored before the rows that name them are read. The contribution links them. */
  files?: AttachedFiles | undefined;
}

export interface PackedContribution {
  cid: Block['cid'];
  contribution: Contribution;
  /** How many shards there are. */
  shards: number;
  /** Files that it links. */
  attachments: readonly Attachment[];
  /** Files that rows name but `files` does not hold. */
  missingFiles: number;
  /** Identical rows that were kept once. */
  duplicates: number;
}

/**
 * The blocks of a signed contribution, its root last. Rows without a contributor get the contributor's name.
 * @throws NoRowsError, RowConflictError, OtherContributorError (a row of another contributor), UnsignedError (the wallet signed
 * with another key), FormatError, AbortedError
 */
export async function* packContribution(
  batches: AsyncIterable<readonly NumberedRow[]>,
  { datanet, contributor, licence, createdAt }: ContributionTerms,
  options: ContributeOptions,
): AsyncGenerator<Block, PackedContribution, undefined> {
  const { name, digester, onProgress, signal, sign, files } = options;
  const sorter = createRowSorter(options);
  const picker = createAttachmentPicker(files);
  let taken = 0;
  for await (const batch of batches) {
    signal?.throwIfAborted();
    for (const { row, line } of batch) {
      picker.add(row.value);
      if (sorter.add(inNameOf(contributor, row, `${name} line ${line}`), line)) await sorter.spill();
    }
    taken += batch.length;
    if (taken > MAX_CONTRIBUTION_ROWS) {
      throw new FormatError(name, `it has more than ${MAX_CONTRIBUTION_ROWS} rows`, { hint: 'Contribute in parts.' });
    }
    onProgress?.('sort', taken);
  }
  const { shards, top, rows, bytes, duplicates } = yield* writeShards(sorter.sorted(), options);
  if (rows === 0) throw new NoRowsError(name);
  const attachments = picker.picked();
  const unsigned: Contribution = {
    ...{ datanet, contributor, licence, createdAt },
    stats: { rows, bytes },
    shards: yield* buildPagedList(shards, shardFormat, digester),
    rowRoot: toHex(top.root()),
    attachments: yield* buildPagedList(attachments, attachmentFormat, digester),
    signature: null,
  };
  const contribution = { ...unsigned, signature: await sign(contributionTypedData(unsigned, digester)) };
  const signer = await recoverSigner(contributionTypedData(contribution, digester), contribution.signature);
  if (signer !== contributor) throw new UnsignedError(name, signer, contributor);
  const block = encodeContribution(contribution, digester);
  yield block;
  return {
    ...{ cid: block.cid, contribution, shards: shards.length },
    ...{ attachments, missingFiles: picker.missing(), duplicates },
  };
}

function inNameOf(contributor: Hex, row: NumberedRow['row'], where: string): NumberedRow['row'] {
  const who = rowContributor(row.value);
  if (who === null) return rowOf({ ...row.value, contributor }, where);
  if (who === contributor) return row;
  throw new OtherContributorError(where, who, contributor);
}
