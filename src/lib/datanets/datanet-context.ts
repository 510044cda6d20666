// What the stories about Datanets are given: a chain, blocks, who signs and who keeps. Types, and the few ids they share. The page
// brings the wallet and this browser's stores, a test its own.

import type { CID } from 'multiformats/cid';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import type { RowOf } from '#lib/chain/indexer/tables.ts';
import { fromHex, type Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { cborCidOf as cborCidOfBytes, type Block } from '#lib/formats/block/block.ts';
import type { BlockSource } from '#lib/dataset/read-blocks.ts';
import type { SpillStore } from '#lib/dataset/sort-rows.ts';
import { BlockMissingError } from '#lib/ipfs/errors.ts';
import type { FetchOptions } from '#lib/ipfs/fetch-dag.ts';
import type { IpfsNode } from '#lib/ipfs/node.ts';
import { pin } from '#lib/ipfs/pins.ts';
import type { PinnerClient } from '#lib/ipfs/pinner-client.ts';

/** What of a browser's IPFS these stories use. */
export interface IpfsAccess {
  readonly node: IpfsNode;
  /** Makes a graph complete here. */
  fetch(root: CID, options?: Omit<FetchOptions, 'sources'>): Promise<void>;
  /** One block, from here or elsewhere. */
  block(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
}

/** A pinner that the reader named. */
export interface PinnerDoor {
  address: string;
  /** To ask for what it tells everybody. */
  look(): PinnerClient;
  /** Signed in; the wallet may be asked. */
  enter(signal?: AbortSignal): Promise<PinnerClient>;
}

export interface DatanetContext {
  chain: ChainContext;
  ipfs: IpfsAccess;
  digester: Digester;
  pinners: readonly PinnerDoor[];
  /** Seconds since 1970. */
  nowSeconds(): number;
  /** What the indexer has read of the chain up to now. */
  records<Name extends 'contributions' | 'datanetVersions'>(table: Name): Promise<readonly RowOf<Name>[]>;
  /** Carries a plan out; true when all of it succeeded. */
  run(plan: ActionPlan): Promise<boolean>;
  /** Call data of this account's transactions that were handed on and have not ended. */
  underWay(): Promise<readonly Hex[]>;
  /** Where rows wait that do not fit into memory while they are sorted. */
  spill(): SpillStore;
}

/** `chain:contract:id` of Datanet `id` on the chain at hand. */
export const datanetName = ({ chain, addresses }: ChainContext, id: bigint): string =>
  `${chain.id}:${addresses.DatanetRegistry.toLowerCase()}:${id}`;

/** Bytes of rows that are sorted in one go: more, and a page stands still for a second. */
export const RUN_BYTES = 8 << 20;

/** The id of a dag-cbor block, by the digest that the registry keeps. */
export const cborCidOf = (digest: Hex): CID => cborCidOfBytes(fromHex(digest));

/** Blocks of this device, or of whoever was named; only what is asked for is fetched. */
export const blocksOf = ({ block }: Pick<IpfsAccess, 'block'>, name: string): BlockSource => ({
  name,
  get: (cid, signal) =>
    block(cid, signal).catch((error: unknown) => {
      if (error instanceof BlockMissingError) return null;
      throw error;
    }),
});

/** Stores `blocks` and keeps the graph of the last one under `name`. @throws StorageFullError */
export async function keepBlocks({ node }: IpfsAccess, blocks: readonly Block[], name: string): Promise<void> {
  for (const { cid, bytes } of blocks) await node.blocks.put(cid, bytes);
  await pin(node, blocks.at(-1)!.cid, { name });
}
