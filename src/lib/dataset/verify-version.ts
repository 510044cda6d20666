// Verifies a whole version from its blocks alone: hashes every block, checks every row's form and order and every shard boundary,
// recomputes all roots and statistics, reads every file and checks the signature. Does not consult a chain.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { attachmentFormat } from '#lib/formats/datanet/attachments.ts';
import { rowContributor } from '#lib/formats/datanet/datanet-row.ts';
import { createColumnCounter, encodeColumn } from '#lib/formats/datanet/datanet-columns.ts';
import { contributorFormat, mergedFormat, shardFormat } from '#lib/formats/datanet/datanet-version.ts';
import { parseJsonObject } from '#lib/formats/json/json-file.ts';
import { cborBlock } from '#lib/formats/datanet/paged-list.ts';
import { versionTypedData } from '#lib/formats/datanet/version-signature.ts';
import { createHolderTree, type HolderTree } from '#lib/formats/payment/holder-tree.ts';
import { VersionUnsoundError } from './errors.ts';
import { recoverSigner } from './recover-signer.ts';
import { verifyFiles } from './verify-files.ts';
import { checkPages, createFileCheck, orderedRows } from './verify-rows.ts';
import type { OpenVersion } from './version-reader.ts';

export interface VerifiedVersion {
  rows: number;
  shards: number;
  contributors: number;
  /** Linked files, each read in full. */
  attachments: number;
  /** Files that rows name but the version does not link. */
  missingFiles: number;
  /** `unsigned` is not an error: no author vouches for it yet. */
  signature: 'valid' | 'unsigned';
}

export interface VerifyOptions {
  signal?: AbortSignal | undefined;
  onProgress?: (rows: number, of: number) => void;
}

/**
 * @throws VersionUnsoundError for the first mismatch, and errors of its block source
 *
 * @example
 * import { verifyVersion } from '#lib/dataset/verify-version.ts';
 *
 * const onProgress = (rows: number, of: number) => show(`${rows} of ${of} rows`);
 * const { rows, signature } = await verifyVersion(version, digester, { signal, onProgress });
 * show(`${rows} rows are sound, ${signature}`);
 */
export async function verifyVersion(
  open: OpenVersion,
  digester: Digester,
  { signal, onProgress }: VerifyOptions = {},
): Promise<VerifiedVersion> {
  const { version, shards, contributors, name } = open;
  const unsound = (what: string): VersionUnsoundError => new VersionUnsoundError(name, what);
  const columns = createColumnCounter();
  const owners = new Map<Hex, HolderTree>();
  const attachments = await open.attachments();
  const files = createFileCheck(attachments);
  let rowsRead = 0;
  for await (const rows of orderedRows(open, unsound, signal)) {
    for (const { value, leaf } of rows) {
      columns.add(value);
      const who = rowContributor(value);
      if (who === null) continue;
      if (!owners.has(who)) owners.set(who, createHolderTree(digester));
      owners.get(who)!.add(leaf);
    }
    files.add(rows);
    onProgress?.((rowsRead += rows.length), version.stats.rows);
  }
  files.end(unsound);
  await verifyFiles(attachments, open.block, name, signal);
  for (const { address, rows, root } of contributors) {
    const tree = owners.get(address);
    if (tree?.count !== rows) throw unsound(`${address} has ${tree?.count ?? 0} rows, not ${rows}`);
    if (toHex(tree.root()) !== root) throw unsound(`the rows of ${address} do not make its root`);
  }
  if (owners.size !== contributors.length) throw unsound('rows name a contributor that the version does not list');
  const same = (a: unknown, b: unknown): boolean => cborBlock(a, digester).cid.equals(cborBlock(b, digester).cid);
  if (!same(columns.columns().map(encodeColumn), version.stats.columns.map(encodeColumn))) {
    throw unsound('field "stats.columns" is not what its rows hold');
  }
  checkPages(version.shards, shards, shardFormat, digester, unsound);
  checkPages(version.contributors, contributors, contributorFormat, digester, unsound);
  checkPages(version.attachments, attachments, attachmentFormat, digester, unsound);
  checkPages(version.merged, await open.merged(), mergedFormat, digester, unsound);
  parseJsonObject(new TextDecoder('utf-8').decode(await open.block(version.schema, signal)), `${name} schema`);
  if (version.readme) await open.block(version.readme, signal);
  const figures = {
    rows: version.stats.rows,
    shards: shards.length,
    contributors: contributors.length,
    attachments: attachments.length,
    missingFiles: files.missing(),
  };
  const { author, signature } = version;
  if (author === null || signature === null) return { ...figures, signature: 'unsigned' };
  const signer = await recoverSigner(versionTypedData({ ...version, author }, digester), signature);
  if (signer !== author) throw unsound(`it is signed by ${signer ?? 'no account'}, not by ${author}`);
  return { ...figures, signature: 'valid' };
}
