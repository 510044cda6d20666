// What work on Datanets needs from its platform: chain, wallet, IPFS, pinners, clock, scratch space. Types only: the app passes the
// browser's own, a test its own.

import type { CID } from 'multiformats/cid';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import type { RowOf } from '#lib/chain/indexer/tables.ts';
import type { Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import type { SpillStore } from '#lib/dataset/sort-rows.ts';
import type { FetchOptions } from '#lib/ipfs/fetch-dag.ts';
import type { IpfsNode } from '#lib/ipfs/node.ts';
import type { PinnerAccess } from './pinners/pinner-access.ts';

export interface IpfsAccess {
  readonly node: IpfsNode;
  /** Fetches the blocks of a graph that are not on this device. */
  fetch(root: CID, options?: Omit<FetchOptions, 'sources'>): Promise<void>;
  /** One block, from this device or from elsewhere. */
  block(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
}

export interface DatanetContext {
  chain: ChainContext;
  ipfs: IpfsAccess;
  digester: Digester;
  /** The pinners that the user named. */
  pinners: readonly PinnerAccess[];
  /** Seconds since 1970. */
  nowSeconds(): number;
  /** Rows of the indexer, up to the newest block. */
  records<Name extends 'contributions' | 'datanetVersions'>(table: Name): Promise<readonly RowOf<Name>[]>;
  /** Sends the transactions of a plan; true when all of them succeeded. */
  run(plan: ActionPlan): Promise<boolean>;
  /** Call data of this account's transactions that were sent and are not final yet. */
  underWay(): Promise<readonly Hex[]>;
  /** Scratch space for sorting more rows than fit into memory. */
  spill(): SpillStore;
  /** Bytes of rows that are sorted in one go. */
  runBytes: number;
}
