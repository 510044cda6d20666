// Fetches a graph onto this device: in one stream where a source offers it, or in one stream for each part of which nothing is here, then
// block by block. Every block is hashed, and blocks that the graph does not name are refused. Blocks of this device are not requested again, so an
// interrupted fetch continues where it stopped.

import type { CID } from 'multiformats/cid';
import { AbortedError, PayableError } from '#lib/core/errors.ts';
import { checkBlock, RAW, type Block } from '#lib/formats/block/block.ts';
import { readCar } from '#lib/formats/block/car.ts';
import { ArrivingDepth } from './arriving-depth.ts';
import type { BlockSource } from './block-source.ts';
import { BlockMissingError, SourceFailedError, StorageFullError, TooLargeError } from './errors.ts';
import type { IpfsNode } from './node.ts';
import { Undoable } from './undo.ts';
import { linksOf, walkDag, type WalkLimits } from './walk.ts';

export interface FetchOptions extends WalkLimits {
  /** Tried in this order. */
  sources: readonly BlockSource[];
  signal?: AbortSignal | undefined;
  /** Blocks requested at once; default 6. */
  concurrency?: number;
  onProgress?: ((figures: Fetched) => void) | undefined;
  /** Receives each block of the graph when it is on this device, so that the caller need not read it again. */
  onBlock?: ((block: Block) => void) | undefined;
}

export interface Fetched {
  /** Blocks of the graph seen so far, and their bytes. */
  blocks: number;
  bytes: number;
  /** Blocks that came from a source. */
  fetched: number;
}

/**
 * Fetches all blocks of the graph of `root` that are not on this device.
 *
 * @throws BlockMissingError when no source has a block, SourceFailedError when none answers sensibly, TooLargeError
 *   and StorageFullError (both remove the fetched blocks), AbortedError. After other errors sound blocks stay for the next attempt.
 */
export async function fetchDag(node: IpfsNode, root: CID, options: FetchOptions): Promise<Fetched> {
  const { sources, signal, concurrency = 6 } = options;
  const store = new Undoable(node);
  const trouble: PayableError[] = [];
  const streaming = new Set(sources);
  const { onProgress, onBlock, ...limits } = options;
  const takeWhole = async (
    cid: CID,
    told: Pick<FetchOptions, 'onProgress' | 'onBlock'>,
  ): Promise<Fetched | undefined> => {
    for (const source of streaming) {
      const whole = await takeStream(cid, source, store, { ...limits, ...told }).catch((error: unknown) => {
        if (isFinal(error)) throw error;
        trouble.push(error as PayableError);
      });
      if (whole) return whole;
      // The source has no streams or interrupted one: request single blocks from now on.
      streaming.delete(source);
      if (await node.blocks.has(cid)) return undefined;
    }
    return undefined;
  };
  try {
    if (await isBare(node, root)) {
      const whole = await takeWhole(root, { onProgress, onBlock });
      if (whole) return whole;
    }
    const figures: Fetched = { blocks: 0, bytes: 0, fetched: 0 };
    const get = async (cid: CID) => {
      if (streaming.size > 0 && cid.code !== RAW && (await isBare(node, cid))) await takeWhole(cid, {});
      if (await node.blocks.has(cid)) return node.blocks.read(cid, signal);
      const bytes = await askAll(cid, sources, signal, trouble);
      await store.put(cid, bytes);
      figures.fetched++;
      return bytes;
    };
    for await (const block of walkDag(get, [root], { ...limits, concurrency })) {
      figures.blocks++;
      figures.bytes += block.bytes.length;
      onProgress?.({ ...figures, fetched: store.added });
      onBlock?.(block);
    }
    return { ...figures, fetched: store.added };
  } catch (error) {
    const useless = error instanceof StorageFullError || error instanceof TooLargeError;
    if (useless) await store.takeBack().catch(() => undefined);
    throw error;
  } finally {
    store.keep();
  }
}

/** One block of a graph: from this device, else from the first source that has it. It is stored here. */
export async function fetchBlock(
  node: IpfsNode,
  cid: CID,
  { sources, signal }: Pick<FetchOptions, 'sources' | 'signal'>,
): Promise<Uint8Array> {
  const here = await node.blocks.read(cid, signal).catch((error: unknown) => {
    if (error instanceof BlockMissingError) return null;
    throw error;
  });
  if (here) return here;
  const bytes = await askAll(cid, sources, signal, []);
  await node.blocks.put(cid, bytes);
  return bytes;
}

/** One block from the first source that has it; it is not stored. @throws BlockMissingError, SourceFailedError, AbortedError */
export const takeBlock = (
  cid: CID,
  { sources, signal }: Pick<FetchOptions, 'sources' | 'signal'>,
): Promise<Uint8Array> => askAll(cid, sources, signal, []);

/** True when no block below `cid` is here, so that a stream of it sends nothing twice. */
async function isBare({ blocks }: IpfsNode, cid: CID): Promise<boolean> {
  if (!(await blocks.has(cid))) return true;
  if (cid.code === RAW) return false;
  const links = linksOf({ cid, bytes: await blocks.read(cid) });
  const here = await Promise.all(links.map((link) => blocks.has(link)));
  return links.length > 0 && !here.includes(true);
}

/** Errors that another source cannot solve. */
const isFinal = (error: unknown): boolean =>
  !(error instanceof PayableError) || error instanceof AbortedError || error instanceof StorageFullError;

/** The figures when the stream was complete; undefined when the source has no streams or left blocks out. */
async function takeStream(
  root: CID,
  source: BlockSource,
  store: Undoable,
  { signal, maxBytes, maxBlocks, maxDepth, onProgress, onBlock }: FetchOptions,
): Promise<Fetched | undefined> {
  const stream = await source.car?.(root, { signal });
  if (!stream) return undefined;
  const { blocks } = await readCar(stream, {
    name: source.name,
    signal,
    ...(maxBytes !== undefined && { maxBytes }),
    ...(maxBlocks !== undefined && { maxBlocks }),
  });
  const depth = new ArrivingDepth(maxDepth);
  const awaited = new Set([root.toString()]);
  const seen = new Set<string>();
  const figures: Fetched = { blocks: 0, bytes: 0, fetched: 0 };
  for await (const block of blocks) {
    const key = block.cid.toString();
    if (seen.has(key)) continue;
    if (!awaited.delete(key)) {
      await blocks.return();
      throw new SourceFailedError(source.name, `it sent block ${key}, which ${root.toString()} does not name`);
    }
    seen.add(key);
    await store.put(block.cid, block.bytes);
    for (const link of depth.add(block)) if (!seen.has(link.toString())) awaited.add(link.toString());
    figures.blocks++;
    figures.bytes += block.bytes.length;
    figures.fetched = store.added;
    onProgress?.({ ...figures });
    onBlock?.(block);
  }
  return awaited.size === 0 ? figures : undefined;
}

async function askAll(
  cid: CID,
  sources: readonly BlockSource[],
  signal: AbortSignal | undefined,
  trouble: PayableError[],
): Promise<Uint8Array> {
  const here: PayableError[] = [];
  for (const source of sources) {
    try {
      const bytes = await source.block(cid, { signal });
      await checkBlock({ cid, bytes }, source.name);
      return bytes;
    } catch (error) {
      if (isFinal(error)) throw error;
      here.push(error as PayableError);
    }
  }
  // An error of one source says more than a missing block at another.
  const told = [...here, ...trouble].find((error) => !(error instanceof BlockMissingError));
  if (!told && here.length === 1) throw here[0]!;
  throw told ?? new BlockMissingError(cid.toString(), { asked: sources.map(({ name }) => name) });
}
