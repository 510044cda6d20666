// A published version of a Datanet on a chain: its number, manifest digest and row figures. Fetches no blocks; callers verify
// bytes against these digests.

import type { Address, Hex } from 'viem';
import { datanetRegistryAbi } from '../abi/datanet-registry.ts';
import type { ChainContext } from '../context.ts';

export interface PublishedVersion {
  datanet: bigint;
  version: number;
  /** sha2-256 digest of the manifest's CID. */
  manifest: Hex;
  rowsRoot: Hex;
  sharesRoot: Hex;
  rows: number;
  publisher: Address;
  /** Seconds since 1970. */
  time: number;
}

/**
 * Version `version` of Datanet `datanet`, or null when it was never published.
 *
 * @example
 * import { readPublishedVersion } from '#lib/chain/reads/read-published-version.ts';
 *
 * const published = await readPublishedVersion(chain, 3n, 5);
 * if (published?.rowsRoot !== version.version.rowRoot) show('The chain has other rows');
 */
export async function readPublishedVersion(
  { read, addresses }: ChainContext,
  datanet: bigint,
  version: number,
): Promise<PublishedVersion | null> {
  const registry = { address: addresses.DatanetRegistry, abi: datanetRegistryAbi } as const;
  const { versions } = await read.readContract({ ...registry, functionName: 'datanetOf', args: [datanet] });
  if (version < 1 || version > versions) return null;
  const found = await read.readContract({ ...registry, functionName: 'versionOf', args: [datanet, version] });
  return { datanet, version, ...found };
}

/**
 * The first version published with this manifest, searched in the logs from `fromBlock` on.
 *
 * @example
 * import { findPublishedVersion } from '#lib/chain/reads/read-published-version.ts';
 * import { toHex } from '#lib/core/bytes.ts';
 *
 * const published = await findPublishedVersion(chain, toHex(version.cid.multihash.digest), 0n);
 * show(published ? `Version ${published.version} of Datanet ${published.datanet}` : 'It was never published');
 */
export async function findPublishedVersion(
  context: ChainContext,
  manifest: Hex,
  fromBlock: bigint,
): Promise<PublishedVersion | null> {
  const logs = await context.read.getContractEvents({
    address: context.addresses.DatanetRegistry,
    abi: datanetRegistryAbi,
    eventName: 'VersionPublished',
    fromBlock,
    strict: true,
  });
  const log = logs.find(({ args }) => args.manifest === manifest);
  return log ? readPublishedVersion(context, log.args.id, log.args.version) : null;
}
