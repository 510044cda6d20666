// `payable datanet contribute`: rows to a contribution in a folder, signed with the same key as chain commands use. It
// needs no chain; `payable datanet verify DIR` verifies the result.

import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { isDatanetName } from '#lib/formats/datanet/datanet-version.ts';
import { openContribution, verifyContribution } from '#lib/datanets/contributions/contribution-reader.ts';
import { packContribution } from '#lib/datanets/contributions/pack-contribution.ts';
import { readRows } from '#lib/dataset/read-rows.ts';
import { requireAccount } from '../chain/open-chain.ts';
import { UsageError } from '../errors.ts';
import { requireFile } from '../input-files.ts';
import * as option from '../option-values.ts';
import { openAttachments } from './attachments-car.ts';
import { openCarFile, writeCarFile } from './car-file.ts';
import { createDiskSpill } from '#node/disk-spill.ts';
import { makeFolder, removeEmpty } from './output-folder.ts';
import { readLicence, type PackRequest } from './pack.ts';

export const CONTRIBUTION_NAME = 'contribution.car';
const PIECE = 1 << 20;

export async function contribute({ rows, values, digester, signal }: PackRequest): Promise<Record<string, unknown>> {
  requireFile(rows);
  const out = resolve(option.required(values, 'out', 'a directory to write to'));
  const datanet = option.required(values, 'datanet', 'the Datanet, CHAIN:0xCONTRACT:ID');
  if (!isDatanetName(datanet)) {
    throw new UsageError(
      `Option --datanet is "${datanet.slice(0, 160)}".`,
      'It takes CHAIN:0xCONTRACT:ID, in small letters.',
    );
  }
  option.required(values, 'licence', 'the licence of the Datanet, such as CC-BY-4.0');
  const account = requireAccount(values);
  const terms = {
    datanet,
    contributor: account.address.toLowerCase() as Hex,
    licence: readLicence(values),
    createdAt: option.created(values),
  };
  const spill = createDiskSpill();
  const beside = await openAttachments(rows);
  const made = await makeFolder(out);
  try {
    const source = createReadStream(rows, { highWaterMark: PIECE });
    const { files, withFiles } = beside;
    const options = { name: rows, digester, spill, signal, files, sign: account.signTypedData };
    const packed = await writeCarFile(
      join(out, CONTRIBUTION_NAME),
      withFiles(packContribution(readRows(source, rows, signal), terms, options)),
    );
    return { ...described(packed), missingFiles: packed.missingFiles, duplicates: packed.duplicates };
  } catch (error) {
    if (made !== undefined) await removeEmpty(out, made);
    throw error;
  } finally {
    await beside.close();
    await spill.clear();
  }
}

/** @throws VersionUnsoundError, UnsignedError, FormatError, FileError */
export async function verifyContributed(folder: string, digester: Digester, signal: AbortSignal) {
  const path = join(folder, CONTRIBUTION_NAME);
  const car = await openCarFile(path);
  try {
    const [root, ...others] = car.roots;
    if (!root || others.length > 0) {
      throw new FormatError(path, `it has ${car.roots.length} roots, not one`, { hint: 'Contribute again.' });
    }
    const open = await openContribution(root, car, digester, signal);
    const { shards, missingFiles } = await verifyContribution(open, digester, signal);
    const { contribution, attachments } = open;
    return { ...described({ cid: root, contribution, attachments, shards }), missingFiles, signature: 'valid' };
  } finally {
    await car.close();
  }
}

function described({
  cid,
  contribution,
  attachments,
  shards,
}: Pick<Awaited<ReturnType<typeof openContribution>>, 'cid' | 'contribution' | 'attachments'> & { shards: number }) {
  const { datanet, contributor, licence, stats, rowRoot, createdAt } = contribution;
  return {
    contribution: cid.toString(),
    // The registry's inputs: the digest of the id, and the root.
    content: toHex(cid.multihash.digest),
    rowRoot,
    ...{ datanet, contributor, licence: licence.spdx, rows: stats.rows, bytes: stats.bytes, shards, createdAt },
    attachments: attachments.length,
  };
}
