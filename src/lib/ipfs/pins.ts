// A pin keeps a graph from being removed by `cleanUp`. A pin is complete or absent: an interrupted one is undone, at once or at the next
// start.

import * as dagCbor from '@ipld/dag-cbor';
import { Key } from 'interface-datastore';
import type { GraphWalkerFactory } from 'helia';
import { Block as BlockView } from 'multiformats/block';
import { CID } from 'multiformats/cid';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { StorageFullError } from './errors.ts';
import type { IpfsNode } from './node.ts';
import { walkDag, type WalkLimits } from './walk.ts';

export interface Pin {
  root: CID;
  /** Shown to people; empty when none was given. */
  name: string;
  /** Of the whole graph; blocks that two pins share count in both. */
  blocks: number;
  bytes: number;
}

export interface PinOptions extends WalkLimits {
  name?: string;
  signal?: AbortSignal | undefined;
  onProgress?(figures: { blocks: number; bytes: number }): void;
}

/** Unfinished pins. */
const INTENTS = '/payable/pinning/';
/** Where Helia stores which pins hold a block. */
const PINNED_BLOCKS = '/pinned-block/';

const NO_BYTES = new Uint8Array(0);

type Walker = ReturnType<GraphWalkerFactory>;

/** Helia's own walker would read every block again and fetch missing ones from the network. */
const walkerOver = (ids: AsyncIterable<CID> | Iterable<CID>) => (): Walker => ({
  async *walk<T>() {
    for await (const cid of ids) {
      // Helia only counts ids here; it reads neither bytes nor values.
      const block = new BlockView<T, number, number, 0 | 1>({ cid, bytes: NO_BYTES, value: null as T });
      yield { block, depth: 0, path: [] };
    }
  },
});

async function* idsBelow(node: IpfsNode, root: CID): AsyncGenerator<CID, void> {
  for await (const { cid } of walkDag((next) => node.blocks.read(next), [root])) yield cid;
}

const intentOf = (root: CID): Key => new Key(`${INTENTS}${root.toV1().toString()}`);

/**
 * Pins the graph of `root`, all of whose blocks are on this device. A graph that is already pinned only gets the new name.
 *
 * @throws BlockMissingError, TooLargeError, StorageFullError, AbortedError. On an error nothing of the pin remains.
 */
export async function pin(node: IpfsNode, root: CID, options: PinOptions = {}): Promise<Pin> {
  const { name = '', signal } = options;
  const ids: CID[] = [];
  let bytes = 0;
  for await (const block of walkDag((cid) => node.blocks.read(cid, signal), [root], options)) {
    ids.push(block.cid);
    bytes += block.bytes.length;
    options.onProgress?.({ blocks: ids.length, bytes });
  }
  const metadata = { name, blocks: ids.length, bytes };
  if (await isPinRoot(node, root)) {
    await node.helia.pins.setMetadata(root, metadata);
    return { root, ...metadata };
  }
  await node.data.put(intentOf(root), new Uint8Array(0));
  try {
    const adding = node.helia.pins.add(root, { metadata, walker: walkerOver(ids), ...(signal && { signal }) });
    for await (const _ of adding) if (signal?.aborted) throw new AbortedError(signal.reason);
    await node.data.delete(intentOf(root));
  } catch (error) {
    await undo(node, [root]);
    if (signal?.aborted) throw new AbortedError(error);
    if (/quota|no space/i.test(String(error))) throw new StorageFullError(error);
    throw error;
  }
  return { root, ...metadata };
}

/** Removes a pin; the blocks stay until `cleanUp`. Without a pin it does nothing. */
export async function unpin(node: IpfsNode, root: CID): Promise<void> {
  if (!(await isPinRoot(node, root))) return;
  // If the process ends before the last step, the next start finishes the removal.
  await node.data.put(intentOf(root), new Uint8Array(0));
  try {
    for await (const _ of node.helia.pins.rm(root, { walker: walkerOver(idsBelow(node, root)) }));
    await node.data.delete(intentOf(root));
  } catch (error) {
    if (error instanceof PayableError || (error as Error).name.includes('NotFound')) await undo(node, [root]);
    else throw error;
  }
}

export async function* listPins(node: IpfsNode): AsyncGenerator<Pin, void> {
  for await (const { cid, metadata } of node.helia.pins.ls()) {
    const { name = '', blocks = 0, bytes = 0 } = metadata as Partial<Record<string, string | number>>;
    yield { root: cid, name: String(name), blocks: Number(blocks), bytes: Number(bytes) };
  }
}

export async function isPinRoot(node: IpfsNode, root: CID): Promise<boolean> {
  return node.helia.pins.get(root).then(
    () => true,
    () => false,
  );
}

/** Undoes interrupted pins, then removes every block that no pin holds. Returns how many. */
export async function cleanUp(node: IpfsNode, { signal }: { signal?: AbortSignal } = {}): Promise<number> {
  await undoBrokenPins(node);
  let removed = 0;
  await node.helia.gc({
    ...(signal && { signal }),
    onProgress: ({ type }) => {
      if (type === 'helia:gc:deleted') removed++;
    },
  });
  return removed;
}

/** Call at start, before anything is pinned. */
export async function undoBrokenPins(node: IpfsNode): Promise<void> {
  const roots: CID[] = [];
  for await (const key of node.data.queryKeys({ prefix: INTENTS })) {
    roots.push(CID.parse(key.toString().slice(INTENTS.length)));
  }
  if (roots.length > 0) await undo(node, roots);
}

/** Removes `roots` from the list of every block; Helia leaves them there when a pin is interrupted. */
async function undo(node: IpfsNode, roots: readonly CID[]): Promise<void> {
  const gone = new Set<string>();
  for (const root of roots) {
    // The record is written last and removed first: a pin with a record is complete.
    if (!(await isPinRoot(node, root))) gone.add(root.toV1().toString());
  }
  const isGone = (bytes: Uint8Array) => gone.has(CID.decode(bytes).toV1().toString());
  for await (const { key, value } of node.data.query({ prefix: PINNED_BLOCKS })) {
    const { pinnedBy } = dagCbor.decode<{ pinnedBy: Uint8Array[] }>(value);
    const rest = pinnedBy.filter((bytes) => !isGone(bytes));
    if (rest.length === pinnedBy.length) continue;
    if (rest.length === 0) await node.data.delete(key);
    else await node.data.put(key, dagCbor.encode({ pinCount: rest.length, pinnedBy: rest }));
  }
  for (const root of roots) await node.data.delete(intentOf(root));
}
