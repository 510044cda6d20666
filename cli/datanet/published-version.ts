// A published version of a Datanet, opened from its id: blocks come from any gateway and are hashed, the published facts are read from
// the chain.

import { toHex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { DAG_CBOR, parseCid } from '#lib/formats/block/block.ts';
import {
  findPublishedVersion,
  readPublishedVersion,
  type PublishedVersion,
} from '#lib/chain/reads/read-published-version.ts';
import { VersionUnsoundError } from '#lib/dataset/errors.ts';
import { sharesRoot } from '#lib/dataset/shares-root.ts';
import { verifyVersion, type VerifiedVersion } from '#lib/dataset/verify-version.ts';
import { openVersion, type OpenVersion } from '#lib/dataset/version-reader.ts';
import type { OptionValues } from '../command.ts';
import { openChain, type OpenChain } from '../chain/open-chain.ts';
import { UsageError } from '../errors.ts';
import { GATEWAY, gatewaySource } from '../gateway-source.ts';
import * as option from '../option-values.ts';

export interface PublishedRequest {
  /** The id of a version. */
  id: string;
  /** Options of the chain, and "gateway". */
  values: OptionValues;
  digester: Digester;
  signal: AbortSignal;
}

export interface VerifiedPublication {
  open: OpenVersion;
  published: PublishedVersion;
  verified: VerifiedVersion;
  /** Chain, registry and number of its Datanet. */
  datanet: string;
}

/** Whether a name can be the id of a version. */
export const isVersionId = (name: string): boolean => /^baf[a-z2-7]{50,}$/.test(name);

/** Reads every block, row and file of the version, and compares it with the chain. */
export async function openPublished({ id, values, digester, signal }: PublishedRequest): Promise<VerifiedPublication> {
  const cid = parseCid(id);
  if (cid.code !== DAG_CBOR || cid.version !== 1) {
    throw new UsageError(`${id.slice(0, 80)} is the id of no version.`, 'Versions begin with bafyrei.');
  }
  const chain = await openChain(values);
  try {
    const source = gatewaySource(option.text(values, 'gateway') ?? GATEWAY, signal);
    const open = await openVersion(cid, source, digester, signal);
    const published = await findPublished(chain, open);
    checkPublished(open, published);
    source.expect(open.shards.map((shard) => shard.cid));
    const verified = await verifyVersion(open, digester, { signal });
    return { open, published, verified, datanet: `${registryOf(chain)}:${published.datanet}` };
  } finally {
    chain.close();
  }
}

const registryOf = ({ context }: OpenChain): string =>
  `${context.chain.id}:${context.addresses.DatanetRegistry.toLowerCase()}`;

/** The chain's record of this version. @throws VersionUnsoundError when there is none */
async function findPublished(chain: OpenChain, open: OpenVersion): Promise<PublishedVersion> {
  const { datanet, n } = open.version;
  const { context, fromBlock } = chain;
  const here = registryOf(chain);
  if (datanet !== null && !datanet.startsWith(`${here}:`)) {
    throw new UsageError(
      `The version belongs to ${datanet}, this chain and its registry are ${here}.`,
      'Name its chain with --mode.',
    );
  }
  const published =
    datanet === null
      ? await findPublishedVersion(context, toHex(open.cid.multihash.digest), BigInt(fromBlock))
      : await readPublishedVersion(context, BigInt(datanet.split(':')[2]!), n);
  if (published) return published;
  throw new VersionUnsoundError(open.name, `the chain ${context.chain.name} knows no version with this manifest`);
}

function checkPublished({ cid, name, version, contributors }: OpenVersion, published: PublishedVersion): void {
  const claims = [
    ['manifest', toHex(cid.multihash.digest), published.manifest],
    ['row root', version.rowRoot, published.rowsRoot],
    ['root of the shares', sharesRoot(contributors), published.sharesRoot],
    ['number of rows', version.stats.rows, published.rows],
  ] as const;
  for (const [what, found, onChain] of claims) {
    if (found !== onChain) throw new VersionUnsoundError(name, `its ${what} is ${found}, the chain says ${onChain}`);
  }
}
