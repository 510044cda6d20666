// Reads a Datanet that is registered on a chain: its registry entry, its description and its versions, each verified against what
// was published. Blocks are fetched on demand.

import { keccak256, stringToHex, zeroHash } from 'viem';
import { datanetRegistryAbi } from '#lib/chain/abi/datanet-registry.ts';
import { readPublishedVersion, type PublishedVersion } from '#lib/chain/reads/read-published-version.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { cidOfDigest } from '#lib/formats/block/cid-of-digest.ts';
import { parseAbout, type DatanetAbout } from '#lib/formats/datanet/datanet-about.ts';
import { LICENCES, type Licence } from '#lib/formats/datanet/licences.ts';
import { UnknownVersionError, VersionUnsoundError } from '#lib/dataset/errors.ts';
import { UnknownDatanetError } from '../errors.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import { openVersion, type OpenVersion } from '#lib/dataset/version-reader.ts';
import type { DatanetContext } from '../datanet-context.ts';
import { datanetName } from '../datanet-name.ts';
import { ipfsBlockSource } from '../ipfs-block-source.ts';

export interface DatanetFacts {
  id: bigint;
  /** `chain:contract:id`. */
  name: string;
  /** Digest of the description; all zero when there is none. */
  meta: Hex;
  owner: Hex;
  /** With its id in the registry. */
  licence: Licence & { id: number };
  /** Number of versions. */
  versions: number;
  /** Contributions that are pending, and contributions accepted so far. */
  pending: number;
  accepted: number;
  curatorBps: number;
  isOpen: boolean;
  minStakeOpen: number;
  createdAt: number;
}

type Reading = Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>;

/** The registry's entry of Datanet `id`. @throws UnknownDatanetError */
export async function readDatanetFacts({ chain }: Pick<Reading, 'chain'>, id: bigint): Promise<DatanetFacts> {
  const registry = { address: chain.addresses.DatanetRegistry, abi: datanetRegistryAbi } as const;
  const found = await chain.read.readContract({ ...registry, functionName: 'datanetOf', args: [id] });
  if (found.createdAt === 0) {
    throw new UnknownDatanetError(String(id), `on ${chain.chain.name}`);
  }
  const [owner, licence] = await Promise.all([
    chain.read.readContract({ ...registry, functionName: 'ownerOf', args: [id] }),
    chain.read.readContract({ ...registry, functionName: 'licenceOf', args: [found.licence] }),
  ]);
  const listed = LICENCES.find(({ spdx }) => keccak256(stringToHex(spdx)) === licence.text);
  const { commercial, derivative } = licence;
  return {
    id,
    name: datanetName(chain, id),
    meta: found.meta,
    owner: owner.toLowerCase() as Hex,
    licence: { id: found.licence, spdx: listed?.spdx ?? `LicenseRef-${found.licence}`, commercial, derivative },
    versions: found.versions,
    pending: found.pending,
    accepted: found.accepted,
    curatorBps: found.curatorBps,
    isOpen: found.open,
    minStakeOpen: found.minStakeOpen,
    createdAt: found.createdAt,
  };
}

/** The Datanet's description; null when it has none. @throws FormatError, BlockMissingError, SourceFailedError */
export async function readAbout({ ipfs }: Pick<Reading, 'ipfs'>, facts: DatanetFacts, signal?: AbortSignal) {
  if (facts.meta === zeroHash) return null;
  return parseAbout(await ipfs.block(cidOfDigest(facts.meta), signal), `The description of Datanet ${facts.id}`);
}

/** The name to show: that of the description, or the number. */
export const nameOf = (facts: Pick<DatanetFacts, 'id'>, about: DatanetAbout | null): string =>
  about?.name ?? `Datanet ${facts.id}`;

export interface OpenPublished {
  published: PublishedVersion;
  version: OpenVersion;
}

/**
 * Version `n` of a Datanet, verified against what was published. Rows and signature are not read.
 * @throws UnknownVersionError (never published), VersionUnsoundError (another version was published), and as `openVersion`
 */
export async function openPublished(
  { chain, ipfs, digester }: Reading,
  facts: Pick<DatanetFacts, 'id' | 'name'>,
  n: number,
  signal?: AbortSignal,
): Promise<OpenPublished> {
  const published = await readPublishedVersion(chain, facts.id, n);
  const title = `Datanet ${facts.id}`;
  if (!published) throw new UnknownVersionError(title, String(n), 'Choose one of its versions.');
  const version = await openVersion(cidOfDigest(published.manifest), ipfsBlockSource(ipfs, title), digester, signal);
  const differs = (what: string) =>
    new VersionUnsoundError(title, `the chain and version ${n} say different things of its ${what}`);
  if (version.version.rowRoot !== published.rowsRoot) throw differs('row root');
  if (version.version.stats.rows !== published.rows) throw differs('rows');
  if (sharesRoot(version.contributors) !== published.sharesRoot) throw differs('shares');
  return { published, version };
}
