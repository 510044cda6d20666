// `payable datanet sign`: an author's signature into a version in a folder. Its blocks stay; the manifest, and so its
// id, is another one.

import { join } from 'node:path';
import { toHex, type Hex } from '#lib/core/bytes.ts';
import { encodeVersion, type DatanetVersion } from '#lib/formats/datanet/datanet-version.ts';
import type { Block } from '#lib/formats/block/block.ts';
import { versionTypedData } from '#lib/formats/datanet/version-signature.ts';
import { verifyVersion } from '#lib/dataset/verify-version.ts';
import { walkDag } from '#lib/ipfs/walk.ts';
import { requireAccount } from '../chain/open-chain.ts';
import { UsageError } from '../errors.ts';
import { writeCarFile } from './car-file.ts';
import type { PackRequest } from './pack.ts';
import { CAR_NAME, withVersion } from './version-folder.ts';

export function signVersion(
  folder: string,
  { values, digester, signal }: Omit<PackRequest, 'rows'>,
): Promise<Record<string, unknown>> {
  const account = requireAccount(values);
  const author = account.address.toLowerCase() as Hex;
  return withVersion(folder, digester, signal, async ({ open }) => {
    const { version, cid } = open;
    if (version.author !== null && version.author !== author) {
      throw new UsageError(
        `The version names ${version.author} as its author, your key is that of ${author}.`,
        'Pack it with another --author, or without one.',
      );
    }
    // A signature covers the whole version, so all of it is verified first; an earlier signature is not checked.
    const unsigned: DatanetVersion & { author: Hex } = { ...version, author, signature: null };
    await verifyVersion({ ...open, version: unsigned }, digester, { signal });
    const signature = await account.signTypedData(versionTypedData(unsigned, digester));
    const manifest = encodeVersion({ ...unsigned, signature }, digester);

    async function* blocks(): AsyncGenerator<Block, void, undefined> {
      for await (const block of walkDag((one) => open.block(one, signal), [cid], { signal })) {
        if (!block.cid.equals(cid)) yield block;
      }
      yield manifest;
    }
    await writeCarFile(join(folder, CAR_NAME), blocks());
    return {
      manifest: manifest.cid.toString(),
      manifestDigest: toHex(manifest.cid.multihash.digest),
      version: version.n,
      author,
      signature,
    };
  });
}
