// Versions of Datanets that a command names: folders that "payable datanet pack" wrote, files of rows, or all Datanets of a model.

import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { CID } from 'multiformats/cid';
import type { Digester } from '#lib/core/digester.ts';
import { NO_LICENCE } from '#lib/formats/datanet/licences.ts';
import { packVersion } from '#lib/dataset/pack-version.ts';
import { readRows } from '#lib/dataset/read-rows.ts';
import { openVersion, type OpenVersion } from '#lib/dataset/version-reader.ts';
import { createDiskSpill } from '#node/disk-spill.ts';
import { familyAdapters, familyPath, findFamily, isDirectory, requireFile } from '../input-files.ts';
import { withVersion } from './version-folder.ts';

/** Opens `names`, runs `work`, and closes them. */
export async function withData<T>(
  names: readonly string[],
  digester: Digester,
  signal: AbortSignal,
  work: (versions: readonly OpenVersion[]) => Promise<T>,
): Promise<T> {
  const [name, ...others] = names;
  if (name === undefined) return work([]);
  const rest = (opened: readonly OpenVersion[]): Promise<T> =>
    withData(others, digester, signal, (versions) => work([...opened, ...versions]));
  if (name.endsWith('.jsonl')) return rest([await packFile(name, digester, signal)]);
  if (isDirectory(name)) return withVersion(name, digester, signal, ({ open }) => rest([open]));
  const family = findFamily(name);
  const versions: OpenVersion[] = [];
  for (const { datanet } of familyAdapters(family))
    versions.push(await packFile(familyPath(family, datanet, 'datanet'), digester, signal));
  return rest(versions);
}

/** The version of a file of rows, in memory; its rows name their licences themselves. */
export async function packFile(path: string, digester: Digester, signal: AbortSignal): Promise<OpenVersion> {
  requireFile(path);
  const blocks = new Map<string, Uint8Array>();
  const spill = createDiskSpill();
  try {
    const terms = { datanet: null, n: 1, parents: [], licence: NO_LICENCE, createdAt: 0, author: null };
    const packed = packVersion(readRows(createReadStream(path), path, signal), terms, {
      name: path,
      digester,
      spill,
      signal,
    });
    let next = await packed.next();
    for (; !next.done; next = await packed.next()) blocks.set(next.value.cid.toString(), next.value.bytes);
    const source = { name: basename(path), get: async (cid: CID) => blocks.get(cid.toString()) ?? null };
    return await openVersion(next.value.cid, source, digester, signal);
  } finally {
    await spill.clear();
  }
}
