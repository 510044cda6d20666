// "Verify my data": reads every block below the roots and hashes it again, to find blocks that a disk has damaged.

import type { CID } from 'multiformats/cid';
import { AbortedError } from '#lib/core/errors.ts';
import { checkBlock, type Block } from '#lib/formats/block/block.ts';
import { HashMismatchError } from '#lib/formats/errors.ts';
import { BlockMissingError } from './errors.ts';
import type { IpfsNode } from './node.ts';
import { linksOf } from './walk.ts';

export interface Verified {
  /** Sound blocks and their bytes. */
  blocks: number;
  bytes: number;
  /** Blocks that are not here. */
  missing: CID[];
  /** Blocks whose bytes do not match their hash. */
  damaged: CID[];
}

export interface VerifyOptions {
  signal?: AbortSignal | undefined;
  /** Removes damaged blocks, so that they can be fetched again. */
  removeDamaged?: boolean;
  onProgress?(figures: { blocks: number; bytes: number }): void;
}

/** Continues past missing and damaged blocks; blocks below them are not visited. @throws AbortedError, StoreFailedError */
export async function verifyData(
  node: IpfsNode,
  roots: readonly CID[],
  options: VerifyOptions = {},
): Promise<Verified> {
  const { signal } = options;
  const found: Verified = { blocks: 0, bytes: 0, missing: [], damaged: [] };
  const seen = new Set<string>();
  const ahead = roots.toReversed();
  for (let cid = ahead.pop(); cid; cid = ahead.pop()) {
    if (signal?.aborted) throw new AbortedError(signal.reason);
    if (seen.has(cid.toString())) continue;
    seen.add(cid.toString());
    const block = await readRight(node, cid, found, options);
    if (!block) continue;
    found.blocks++;
    found.bytes += block.bytes.length;
    options.onProgress?.({ blocks: found.blocks, bytes: found.bytes });
    ahead.push(...linksOf(block).reverse());
  }
  return found;
}

async function readRight(
  node: IpfsNode,
  cid: CID,
  found: Verified,
  options: VerifyOptions,
): Promise<Block | undefined> {
  try {
    const block = { cid, bytes: await node.blocks.read(cid, options.signal) };
    await checkBlock(block, 'Block of this device');
    return block;
  } catch (error) {
    if (error instanceof BlockMissingError) found.missing.push(cid);
    else if (error instanceof HashMismatchError) {
      found.damaged.push(cid);
      if (options.removeDamaged) await node.blocks.delete(cid);
    } else throw error;
    return undefined;
  }
}
