// `payable datanet pack`: rows to a version in a folder.

import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CID } from 'multiformats/cid';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { Block } from '#lib/formats/block/block.ts';
import { isDatanetName } from '#lib/formats/datanet/datanet-version.ts';
import { findLicence, isSpdxExpression, NO_LICENCE, type Licence } from '#lib/formats/datanet/licences.ts';
import { packVersion, type PackedVersion, type PackTerms } from '#lib/dataset/pack-version.ts';
import { readRows } from '#lib/dataset/read-rows.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import type { OptionValues } from '../command.ts';
import { UsageError } from '../errors.ts';
import { readInput, readJsonInput, requireFile } from '../input-files.ts';
import * as option from '../option-values.ts';
import { openAttachments } from './attachments-car.ts';
import { writeCarFile } from './car-file.ts';
import { createDiskSpill } from '#node/disk-spill.ts';
import { makeFolder, removeEmpty } from './output-folder.ts';
import { CAR_NAME, withVersion, type VersionFolder } from './version-folder.ts';

const PIECE = 1 << 20;

export interface PackRequest {
  rows: string;
  values: OptionValues;
  digester: Digester;
  signal: AbortSignal;
}

export async function pack(request: PackRequest): Promise<Record<string, unknown>> {
  const { rows, values, digester, signal } = request;
  requireFile(rows);
  const out = resolve(option.required(values, 'out', 'a directory to write to'));
  const parent = option.text(values, 'parent');
  if (parent === undefined) return packOver(request, out, null);
  return withVersion(parent, digester, signal, (version) => packOver(request, out, version));
}

async function packOver(request: PackRequest, out: string, parent: VersionFolder | null) {
  const { rows, values, digester, signal } = request;
  const beside = await openAttachments(
    rows,
    parent ? { files: await parent.open.attachments(), car: parent.car } : undefined,
  );
  const terms = { ...readTerms(values, parent), files: beside.files };
  const counted = { bytes: 0, newBytes: 0 };
  const spill = createDiskSpill();
  const made = await makeFolder(out);
  const began = performance.now();
  try {
    const source = createReadStream(rows, { highWaterMark: PIECE });
    const blocks = packVersion(readRows(source, rows, signal), terms, { name: rows, digester, spill, signal });
    const packed = await writeCarFile(
      join(out, CAR_NAME),
      count(beside.withFiles(blocks), counted, (cid) => parent !== null && parent.car.size(cid) !== null),
    );
    const { version, shards, contributors, duplicates } = packed;
    return {
      manifest: packed.cid.toString(),
      rowRoot: version.rowRoot,
      sharesRoot: sharesRoot(contributors),
      rows: version.stats.rows,
      shards,
      ...counted,
      duplicates,
      contributors: contributors.length,
      attachments: packed.attachments.length,
      missingFiles: packed.missingFiles,
      licence: version.licence.spdx,
      version: version.n,
      manifestDigest: toHex(packed.cid.multihash.digest),
      ms: Math.round(performance.now() - began),
    };
  } catch (error) {
    if (made !== undefined) await removeEmpty(out, made);
    throw error;
  } finally {
    await beside.close();
    await spill.clear();
  }
}

/** Metadata of a version: from the options, else from its parent. */
function readTerms(values: OptionValues, parent: VersionFolder | null): PackTerms {
  const before = parent?.open.version;
  const datanet = option.text(values, 'datanet') ?? before?.datanet ?? null;
  if (datanet !== null && !isDatanetName(datanet)) {
    throw new UsageError(`Option --datanet is "${datanet}".`, 'It takes CHAIN:0xCONTRACT:ID, in small letters.');
  }
  const author = option.text(values, 'author')?.toLowerCase() ?? null;
  if (author !== null && !/^0x[0-9a-f]{40}$/.test(author)) {
    throw new UsageError(`Option --author is "${author}".`, 'It takes an address, 0x and 40 hex digits.');
  }
  const [schema, readme] = [option.text(values, 'schema'), option.text(values, 'readme')];
  return {
    datanet,
    n: before ? before.n + 1 : 1,
    parents: parent ? [parent.open.cid] : [],
    licence: readLicence(values, before?.licence ?? NO_LICENCE),
    createdAt: option.created(values),
    author: author as Hex | null,
    schema: schema === undefined ? undefined : readJsonInput(schema),
    readme: readme === undefined ? undefined : readInput(readme),
  };
}

/** The licence from --licence and its flags. @throws UsageError */
export function readLicence(values: OptionValues, fallback: Licence = NO_LICENCE): Licence {
  const spdx = option.text(values, 'licence');
  const flags = { commercial: option.flag(values, 'commercial'), derivative: option.flag(values, 'derivative') };
  if (spdx === undefined) {
    if (flags.commercial || flags.derivative) {
      throw new UsageError('--commercial and --derivative say what a licence allows.', 'Name it with --licence.');
    }
    return fallback;
  }
  const listed = findLicence(spdx);
  if (listed) return { spdx, commercial: listed.commercial, derivative: listed.derivative };
  if (!isSpdxExpression(spdx))
    throw new UsageError(`Option --licence is "${spdx.slice(0, 80)}".`, 'It takes an SPDX id, such as CC-BY-4.0.');
  return { spdx, ...flags };
}

/** Passes blocks on and adds up their bytes. */
async function* count(
  blocks: AsyncGenerator<Block, PackedVersion, undefined>,
  counted: { bytes: number; newBytes: number },
  isKnown: (cid: CID) => boolean,
): AsyncGenerator<Block, PackedVersion, undefined> {
  let next = await blocks.next();
  for (; !next.done; next = await blocks.next()) {
    const { cid, bytes } = next.value;
    counted.bytes += bytes.length;
    if (!isKnown(cid)) counted.newBytes += bytes.length;
    yield next.value;
  }
  return next.value;
}
