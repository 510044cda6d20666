// Whose signature a version carries. Keys only: what an account that is a contract accepts is asked on its chain.

import { recoverTypedDataAddress } from 'viem';
import type { Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { DatanetVersion } from '#lib/core/format/datanet-version.ts';
import { versionTypedData } from '#lib/core/format/version-signature.ts';

/** The signer's address in small letters, or null when there is no signature or it is none of any key. */
export async function recoverAuthor(version: DatanetVersion, digester: Digester): Promise<Hex | null> {
  const { author, signature } = version;
  if (author === null || signature === null) return null;
  try {
    const signer = await recoverTypedDataAddress({ ...versionTypedData({ ...version, author }, digester), signature });
    return signer.toLowerCase() as Hex;
  } catch {
    return null;
  }
}
