// A registered model as its contract has it now: owner, licence, prices, the terms in force and those that are announced. Announced
// terms come into force by time alone, so no log records it and they are read each time.

import type { Address } from 'viem';
import { modelRegistryAbi } from '../abi/model-registry.ts';
import { stakedOpenAbi } from '../abi/staked-open.ts';
import type { ChainContext } from '../context.ts';

export interface TermsFacts {
  payout: Address;
  devBps: number;
  dataBps: number;
  nodeBps: number;
  /** Seconds since 1970 since when, or from when on, they are in force. */
  effectiveAt: number;
}

export interface ModelFacts {
  id: bigint;
  owner: Address;
  base: number;
  /** Number of the licence in the registry's table. */
  licence: number;
  versions: number;
  createdAt: number;
  /** Whether a version cites data or continues another: then contributors have a part of at least 10 %. */
  cites: boolean;
  perCallWei: bigint;
  per1kTokensWei: bigint;
  terms: TermsFacts;
  /** Null when none are announced, or when they are in force already. */
  announced: TermsFacts | null;
  nowSeconds: bigint;
}

/**
 * Null when there is no model `id`.
 *
 * @example
 * import { readModel } from '#lib/chain/reads/read-model.ts';
 *
 * const model = await readModel(chain, 7n);
 * if (model?.announced) show(`${model.announced.dataBps / 100} % from ${model.announced.effectiveAt} on`);
 */
export async function readModel(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  id: bigint,
): Promise<ModelFacts | null> {
  const registry = { address: addresses.ModelRegistry, abi: modelRegistryAbi } as const;
  const found = await read.readContract({ ...registry, functionName: 'modelOf', args: [id] });
  if (found.versions === 0) return null;
  const [owner, prices, terms, announced, clock] = await Promise.all([
    read.readContract({ ...registry, functionName: 'ownerOf', args: [id] }),
    read.readContract({ ...registry, functionName: 'priceOf', args: [id] }),
    read.readContract({ ...registry, functionName: 'termsOf', args: [id] }),
    read.readContract({ ...registry, functionName: 'announcedTermsOf', args: [id] }),
    read.readContract({ address: addresses.StakedOpen, abi: stakedOpenAbi, functionName: 'clock' }),
  ]);
  const [perCallWei, per1kTokensWei] = prices;
  const { base, licence, versions, createdAt, cites } = found;
  return {
    ...{ id, owner, base, licence, versions, createdAt, cites, perCallWei, per1kTokensWei, terms },
    announced: announced.effectiveAt === 0 ? null : announced,
    nowSeconds: BigInt(clock),
  };
}

export interface ReleaseFacts {
  /** Seconds since 1970. */
  time: number;
  rank: number;
  sizeKiB: number;
  /** Bits of a stored weight; 0 where it is not a whole number of bits. */
  quant: number;
}

/**
 * Size and age of these versions of a model, in their order; no log has them. The versions must exist.
 *
 * @example
 * import { readReleases } from '#lib/chain/reads/read-model.ts';
 *
 * const [first] = await readReleases(chain, 7n, [1]);
 * show(`Rank ${first?.rank}, ${first?.sizeKiB} KiB`);
 */
export async function readReleases(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  id: bigint,
  versions: readonly number[],
): Promise<ReleaseFacts[]> {
  const registry = { address: addresses.ModelRegistry, abi: modelRegistryAbi } as const;
  return Promise.all(
    versions.map(async (version) => {
      const found = await read.readContract({ ...registry, functionName: 'versionOf', args: [id, version] });
      const { time, rank, sizeKiB, quant } = found;
      return { time, rank, sizeKiB, quant };
    }),
  );
}
