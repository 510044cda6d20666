// From a root to every block below it, each once, the way a CAR lists them: a node, then its children from left to right.
// It knows the links of the three codecs; the caller supplies the blocks.

import * as dagCbor from '@ipld/dag-cbor';
import * as dagPb from '@ipld/dag-pb';
import { CID } from 'multiformats/cid';
import { AbortedError } from '#lib/core/errors.ts';
import { DAG_CBOR, DAG_PB, supportedCid, type Block } from '#lib/formats/block/block.ts';
import { FormatError } from '#lib/formats/errors.ts';
import { TooLargeError } from './errors.ts';

export interface WalkLimits {
  /** Default 4,194,304. */
  maxBlocks?: number | undefined;
  /** Default 64 GiB. */
  maxBytes?: number | undefined;
  /** Links from the root to the farthest block; default 10,000. */
  maxDepth?: number | undefined;
}

export interface WalkOptions extends WalkLimits {
  signal?: AbortSignal | undefined;
  /** Blocks requested at once; default 1. */
  concurrency?: number | undefined;
  /** Leaves out this block and the blocks below it. */
  skip?(cid: CID): boolean | Promise<boolean>;
}

/** The ids a block links to, in their order. @throws FormatError when its bytes are not of its codec */
export function linksOf({ cid, bytes }: Block): CID[] {
  try {
    if (cid.code === DAG_PB) return dagPb.decode(bytes).Links.map(({ Hash }) => Hash);
    if (cid.code === DAG_CBOR) return [...linksIn(dagCbor.decode(bytes))];
    return [];
  } catch (cause) {
    throw new FormatError(`block ${cid.toString()}`, 'its bytes do not follow its codec', { cause });
  }
}

function* linksIn(value: unknown): Generator<CID> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  const cid = CID.asCID(value);
  if (cid) yield cid;
  else for (const part of Object.values(value)) yield* linksIn(part);
}

interface Step {
  cid: CID;
  depth: number;
}

export const MAX_DEPTH = 10_000;
/** Links seen and not yet followed. Nested long lists would fill the memory before the limit on blocks is reached. */
export const MAX_WAITING_LINKS = 1 << 20;

/** @throws TooLargeError, FormatError, UnsupportedError, AbortedError, and what `get` throws */
export async function* walkDag(
  get: (cid: CID) => Promise<Uint8Array>,
  roots: readonly CID[],
  options: WalkOptions = {},
): AsyncGenerator<Block, void, undefined> {
  const { maxBlocks = 2 ** 22, maxBytes = 2 ** 36, maxDepth = MAX_DEPTH, concurrency = 1, signal, skip } = options;
  const seen = new Set<string>();
  const asked = new Map<string, Promise<Uint8Array>>();
  const ahead: Step[] = roots.toReversed().map((cid) => ({ cid, depth: 0 }));
  let bytesSeen = 0;

  const ask = (cid: CID): Promise<Uint8Array> => {
    const key = cid.toString();
    let answer = asked.get(key);
    if (!answer) {
      answer = get(cid);
      // The consumer awaits it and sees its failure; a block that is never consumed must not be an unhandled rejection.
      answer.catch(() => undefined);
      asked.set(key, answer);
    }
    return answer;
  };

  for (;;) {
    if (signal?.aborted) throw new AbortedError(signal.reason);
    const step = ahead.pop();
    if (!step) return;
    const { cid, depth } = step;
    const key = cid.toString();
    if (seen.has(key)) continue;
    seen.add(key);
    supportedCid(cid, 'graph');
    if (await skip?.(cid)) continue;
    if (seen.size > maxBlocks) throw new TooLargeError(`${String(roots[0])} has more than ${maxBlocks} blocks`);
    if (depth > maxDepth) throw new TooLargeError(`${String(roots[0])} is deeper than ${maxDepth} links`);
    const answer = ask(cid);
    for (let at = ahead.length - 1; at >= 0 && asked.size < concurrency; at--) {
      const { cid: next } = ahead[at]!;
      if (!seen.has(next.toString()) && !(await skip?.(next))) void ask(next);
    }
    const bytes = await answer;
    asked.delete(key);
    bytesSeen += bytes.length;
    if (bytesSeen > maxBytes) throw new TooLargeError(`${String(roots[0])} has more than ${maxBytes} bytes`);
    const block = { cid, bytes };
    for (const link of linksOf(block).reverse()) {
      if (!seen.has(link.toString())) ahead.push({ cid: link, depth: depth + 1 });
    }
    if (ahead.length > MAX_WAITING_LINKS)
      throw new TooLargeError(`${String(roots[0])} has too many links in long lists`);
    yield block;
  }
}
