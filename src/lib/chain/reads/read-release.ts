// What the registry has of one version of a model and of its base, and which version an adapter's files were released as. Reads the
// contract; names and files are in the manifest.

import type { Address, Hex } from 'viem';
import type { ModelVersion } from '#lib/formats/payment/lineage.ts';
import { modelRegistryAbi } from '../abi/model-registry.ts';
import type { ChainContext } from '../context.ts';

type Reader = Pick<ChainContext, 'read' | 'addresses'>;

export interface RegisteredBase {
  id: number;
  /** As 32 bytes of text. */
  family: Hex;
  /** Its `modelId`. */
  architecture: Hex;
  /** Number in the table of licences. */
  licence: number;
}

export interface Release extends ModelVersion {
  owner: Address;
  adapter: Hex;
  /** sha2-256 digest of the manifest's CID. */
  manifest: Hex;
  lineage: Hex;
  isDeprecated: boolean;
  /** Of the model. */
  licence: number;
  base: RegisteredBase;
}

const registryOf = ({ addresses }: Reader) => ({ address: addresses.ModelRegistry, abi: modelRegistryAbi }) as const;

/**
 * Version `version` of a model; null is its newest. Null when there is none.
 *
 * @example
 * import { readRelease } from '#lib/chain/reads/read-release.ts';
 *
 * const release = await readRelease(chain, 7n, 2);
 * if (release?.isDeprecated) show('Its owner says that it should no longer be used');
 */
export async function readRelease(reader: Reader, model: bigint, version: number | null): Promise<Release | null> {
  const { read } = reader;
  const registry = registryOf(reader);
  const found = await read.readContract({ ...registry, functionName: 'modelOf', args: [model] });
  const number = version ?? found.versions;
  if (number < 1 || number > found.versions) return null;
  const [owner, release, base] = await Promise.all([
    read.readContract({ ...registry, functionName: 'ownerOf', args: [model] }),
    read.readContract({ ...registry, functionName: 'versionOf', args: [model, number] }),
    read.readContract({ ...registry, functionName: 'baseOf', args: [found.base] }),
  ]);
  const { adapter, manifest, lineage, deprecated: isDeprecated } = release;
  return {
    ...{ model, version: number, owner, adapter, manifest, lineage, isDeprecated },
    ...{ licence: found.licence, base: { id: found.base, ...base } },
  };
}

/**
 * The base model with this hash; null when it is not registered.
 *
 * @example
 * import { findBase } from '#lib/chain/reads/read-release.ts';
 *
 * const base = await findBase(chain, `0x${model.id}`);
 * show(base ? `Base ${base.id}` : 'It is registered with the first model that is made for it');
 */
export async function findBase(reader: Reader, architecture: Hex): Promise<RegisteredBase | null> {
  const { read } = reader;
  const registry = registryOf(reader);
  const id = await read.readContract({ ...registry, functionName: 'baseWithArchitecture', args: [architecture] });
  if (id === 0) return null;
  return { id, ...(await read.readContract({ ...registry, functionName: 'baseOf', args: [id] })) };
}

/**
 * The first version that these files of an adapter were released as, which fixes their lineage; null when they are new.
 *
 * @example
 * import { findFirstRelease } from '#lib/chain/reads/read-release.ts';
 *
 * const first = await findFirstRelease(chain, `0x${adapter.id}`);
 * if (first) show(`These files are model ${first.model} v${first.version}`);
 */
export async function findFirstRelease(reader: Reader, adapter: Hex): Promise<Release | null> {
  const args = [adapter] as const;
  const packed = await reader.read.readContract({ ...registryOf(reader), functionName: 'firstWith', args });
  return packed === 0n ? null : readRelease(reader, packed >> 32n, Number(packed & 0xffff_ffffn));
}

/** Versions, or models, that are looked at from the newest down. */
const MOST_READ = 32;

/**
 * The newest version with this manifest and owner: of `model`, or the first version of one of the newest models.
 *
 * @example
 * import { findReleaseOf } from '#lib/chain/reads/read-release.ts';
 *
 * const release = await findReleaseOf(chain, { owner: account, manifest: digest, model: null });
 * if (release) show(`It is model ${release.model}`);
 */
export async function findReleaseOf(
  reader: Reader,
  { owner, manifest, model }: { owner: Address; manifest: Hex; model: bigint | null },
): Promise<Release | null> {
  const { read } = reader;
  const registry = registryOf(reader);
  const newest =
    model === null
      ? Number(await read.readContract({ ...registry, functionName: 'modelCount' }))
      : await read.readContract({ ...registry, functionName: 'versionCount', args: [model] });
  for (let at = newest; at > Math.max(0, newest - MOST_READ); at--) {
    const [id, version] = model === null ? [BigInt(at), 1] : [model, at];
    const found = await read.readContract({ ...registry, functionName: 'versionOf', args: [id, version] });
    if (found.manifest !== manifest) continue;
    const release = await readRelease(reader, id, version);
    if (release?.owner.toLowerCase() === owner.toLowerCase()) return release;
  }
  return null;
}
