// Reads a contribution from any block source and verifies it from its blocks alone: every block's hash, every row's form, order
// and contributor, every shard boundary, and the signature.

import type { CID } from 'multiformats/cid';
import type { Digester } from '#lib/core/digester.ts';
import { attachmentFormat, checkAttachments, type Attachment } from '#lib/formats/datanet/attachments.ts';
import { contributionTypedData } from '#lib/formats/datanet/contribution-signature.ts';
import { parseContribution, type Contribution } from '#lib/formats/datanet/contribution.ts';
import { rowContributor } from '#lib/formats/datanet/datanet-row.ts';
import { checkShards, shardFormat, type Shard } from '#lib/formats/datanet/datanet-version.ts';
import { UnsignedError, VersionUnsoundError } from '#lib/dataset/errors.ts';
import { createBlockReader, type BlockSource } from '#lib/dataset/read-blocks.ts';
import { recoverSigner } from '#lib/dataset/recover-signer.ts';
import { verifyFiles } from '#lib/dataset/verify-files.ts';
import { checkPages, checkRoot, createFileCheck, orderedRows } from '#lib/dataset/verify-rows.ts';
import { parseShard, shardFile, type VersionRow } from '#lib/dataset/version-reader.ts';

export interface OpenContribution {
  readonly cid: CID;
  readonly name: string;
  readonly contribution: Contribution;
  readonly shards: readonly Shard[];
  /** The files that belong to it. */
  readonly attachments: readonly Attachment[];
  /** The rows of one shard, all verified. */
  rows(shard: Shard, signal?: AbortSignal): Promise<VersionRow[]>;
  /** A block of the contribution, verified by its hash. */
  block(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
}

/** Opens contribution `cid`: verifies its block and list, but neither rows nor signature. @throws as `openVersion` */
export async function openContribution(
  cid: CID,
  source: BlockSource,
  digester: Digester,
  signal?: AbortSignal,
): Promise<OpenContribution> {
  const { name } = source;
  const { block, listed } = createBlockReader(source, digester, signal);
  const contribution = parseContribution(await block(cid), `${name} block ${cid.toString()}`);
  const shards = await listed(contribution.shards, shardFormat);
  const attachments = await listed(contribution.attachments, attachmentFormat);
  checkShards(shards, contribution.stats, name);
  checkAttachments(attachments, attachments.length > 0, name);
  checkRoot(shards, contribution.rowRoot, name, digester);
  return {
    cid,
    name,
    contribution,
    shards,
    attachments,
    block,
    rows: async (shard, stop) => parseShard(await block(shard.cid, stop), shard, shardFile(name, shard), digester),
  };
}

/** @throws VersionUnsoundError or UnsignedError for the first mismatch, and the errors of its block source */
export async function verifyContribution(
  open: OpenContribution,
  digester: Digester,
  signal?: AbortSignal,
): Promise<{ rows: number; shards: number; missingFiles: number }> {
  const { contribution, shards, attachments, name } = open;
  const { contributor } = contribution;
  const unsound = (what: string): VersionUnsoundError => new VersionUnsoundError(name, what);
  // Check the signature first: rows without a valid one are not worth reading.
  const signer = await recoverSigner(contributionTypedData(contribution, digester), contribution.signature);
  if (signer !== contributor) throw new UnsignedError(name, signer, contributor);
  checkPages(contribution.shards, shards, shardFormat, digester, unsound);
  checkPages(contribution.attachments, attachments, attachmentFormat, digester, unsound);
  const files = createFileCheck(attachments);
  for await (const rows of orderedRows(open, unsound, signal)) {
    const other = rows.find(({ value }) => rowContributor(value) !== contributor);
    if (other) throw unsound(`row "${other.id.slice(0, 80)}" is not in the name of ${contributor}`);
    files.add(rows);
  }
  files.end(unsound);
  await verifyFiles(attachments, open.block, name, signal);
  return { rows: contribution.stats.rows, shards: shards.length, missingFiles: files.missing() };
}
