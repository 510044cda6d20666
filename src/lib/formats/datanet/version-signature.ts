// What the author of a version signs (EIP-712): the Datanet, the version's number, its rows and its block. Types only; wallets
// sign and the datanets room verifies.

import { toHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { datanetDomain } from './datanet-domain.ts';
import { encodeVersion, type DatanetVersion } from './datanet-version.ts';

const VERSION_TYPES = {
  DatanetVersion: [
    { name: 'datanet', type: 'string' },
    { name: 'version', type: 'uint32' },
    { name: 'rows', type: 'uint64' },
    { name: 'rowRoot', type: 'bytes32' },
    { name: 'licence', type: 'string' },
    { name: 'manifest', type: 'bytes32' },
    { name: 'author', type: 'address' },
  ],
} as const;

/** For `signTypedData`. The domain names chain and contract once the version's Datanet is registered on one. */
export function versionTypedData(version: DatanetVersion & { author: Hex }, digester: Digester) {
  const { datanet, n, stats, rowRoot, licence, author } = version;
  const unsigned = encodeVersion({ ...version, signature: null }, digester);
  const message = {
    datanet: datanet ?? '',
    version: n,
    rows: BigInt(stats.rows),
    rowRoot,
    licence: licence.spdx,
    /** sha2-256 of the block without its signature. */
    manifest: toHex(digester.sha256(unsigned.bytes)),
    author,
  };
  return {
    domain: datanetDomain(datanet),
    types: VERSION_TYPES,
    primaryType: 'DatanetVersion' as const,
    message,
  };
}
