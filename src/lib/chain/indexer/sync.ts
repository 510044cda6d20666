// Reads the chain's logs into rows: in ranges sized to the provider's limits, with undo data for the last blocks, and resuming
// where it stopped. Verifies the provider's logs against block hashes and bloom filters, and stops rather than store doubtful
// rows.

import { decodeEventLog, type Block, type Hash, type Log, type PublicClient } from 'viem';
import { mayHold } from './bloom.ts';
import { ChangingChainError, RangeRefusedError } from './errors.ts';
import { createOverlay } from './overlay.ts';
import type { Rows, Source } from './reducer.ts';
import { RING_BLOCKS, type Change, type Cursor, type RingBlock, type RowStore } from './rows.ts';

export interface SyncOptions {
  /** The first block that may hold relevant logs. */
  fromBlock?: number;
  /** Most blocks per request. */
  maxRange?: number;
  /** Adds rows for state before the first block, which no log records. */
  begin?(rows: Rows): Promise<void>;
  signal?: AbortSignal;
}

export type SyncEvent =
  | { kind: 'rolled-back'; to: number }
  | { kind: 'started-over' }
  | { kind: 'progress'; number: number; head: number }
  | { kind: 'done'; number: number };

type Reader = Pick<PublicClient, 'getBlock' | 'getLogs'>;
type Header = Block<bigint, false, 'latest'> & { number: bigint; hash: Hash };

/** Attempts before giving up on a chain that changes during each. */
const MAX_ATTEMPTS = 8;

/** Internal signal: the range must be read again. */
class Changed extends Error {}

/** Brings `store` up to the head of the chain. At every moment its rows are correct for some block, possibly an older one. */
export async function* syncRows(
  read: Reader,
  sources: readonly Source[],
  store: RowStore,
  { fromBlock = 0, maxRange = 2000, begin, signal }: SyncOptions = {},
): AsyncGenerator<SyncEvent, void> {
  const bySource = new Map(sources.map((source) => [source.address.toLowerCase(), source]));
  const address = sources.map((source) => source.address);
  let { cursor, ring } = await store.load();
  let range = maxRange;
  let attempts = 0;

  const header = async (number: number): Promise<Header> => {
    try {
      return await read.getBlock({ blockNumber: BigInt(number) });
    } catch (error) {
      // The head moved back while its block was read.
      if ((error as Error).name === 'BlockNotFoundError') throw new Changed();
      throw error;
    }
  };

  /** Undoes blocks until the newest one is still part of the chain. */
  async function rollBack(): Promise<SyncEvent | undefined> {
    if (!cursor) return undefined;
    const kept = [...ring];
    const changes = new Map<string, Change>();
    while (kept.length > 0) {
      const newest = kept.at(-1)!;
      const there = await header(newest.number).catch((error: unknown) => {
        if (error instanceof Changed) return undefined;
        throw error;
      });
      if (there?.hash === newest.hash) break;
      for (const change of newest.undo) changes.set(`${change.table}\0${change.key}`, change);
      kept.pop();
    }
    if (kept.length === ring.length) return undefined;
    const newest = kept.at(-1);
    if (!newest) {
      // The reorganisation is deeper than the undo data, or reaches the first block read.
      await store.clear();
      ({ cursor, ring } = await store.load());
      return { kind: 'started-over' };
    }
    cursor = { number: newest.number, hash: newest.hash };
    ring = kept;
    await store.commit({ changes: [...changes.values()], cursor, ring });
    return { kind: 'rolled-back', to: newest.number };
  }

  /** Headers of the range's blocks that may still be reorganised, linked to each other and to the block before. */
  async function recentHeaders(from: number, to: number, head: number): Promise<Header[]> {
    const headers: Header[] = [];
    const first = Math.max(from, head - RING_BLOCKS + 1);
    for (let number = first; number <= to; number++) {
      signal?.throwIfAborted();
      const found = await header(number);
      const parent = headers.at(-1)?.hash ?? (number === from ? cursor?.hash : undefined);
      if (parent !== undefined && found.parentHash !== parent) throw new Changed();
      headers.push(found);
    }
    return headers;
  }

  async function logsOf(from: number, to: number, headers: readonly Header[]): Promise<Log[]> {
    const logs: Log[] = await read.getLogs({ address, fromBlock: BigInt(from), toBlock: BigInt(to) });
    const hashes = new Map(headers.map(({ number, hash }) => [number, hash]));
    const seen = new Set<bigint>();
    for (const { blockNumber, blockHash } of logs) {
      if (blockNumber === null || blockNumber < BigInt(from) || blockNumber > BigInt(to)) throw new Changed();
      if (hashes.has(blockNumber) && hashes.get(blockNumber) !== blockHash) throw new Changed();
      seen.add(blockNumber);
    }
    for (const { number, hash, logsBloom } of headers) {
      if (seen.has(number) || !address.some((one) => mayHold(logsBloom, one))) continue;
      // Some providers index logs later than blocks, so request this block's logs by its hash.
      try {
        logs.push(...(await read.getLogs({ address, blockHash: hash })));
      } catch (error) {
        if ((await header(Number(number))).hash !== hash) throw new Changed();
        throw error;
      }
    }
    return logs.sort((a, b) => Number(a.blockNumber! - b.blockNumber!) || a.logIndex! - b.logIndex!);
  }

  async function readRange(from: number, to: number, head: number): Promise<Cursor> {
    const headers = await recentHeaders(from, to, head);
    const logs = await logsOf(from, to, headers);
    const { hash: tip } = headers.at(-1) ?? (await header(to));
    const overlay = createOverlay(store);
    if (!cursor) await begin?.(overlay);
    const fresh: RingBlock[] = [];
    let at = 0;
    const reduceUpTo = async (number: number) => {
      for (; at < logs.length && Number(logs[at]!.blockNumber) <= number; at++) await reduce(overlay, logs[at]!);
    };
    for (const { number, hash, parentHash } of headers) {
      await reduceUpTo(Number(number) - 1);
      // Older blocks can no longer be undone, so drop their undo data.
      if (fresh.length === 0) overlay.takeUndo();
      await reduceUpTo(Number(number));
      fresh.push({ number: Number(number), hash, parentHash, undo: overlay.takeUndo() });
    }
    await reduceUpTo(to);
    const next = { number: to, hash: tip };
    const joined = (fresh[0] && fresh[0].number === from ? [...ring, ...fresh] : fresh).slice(-RING_BLOCKS);
    await store.commit({ changes: overlay.changes(), cursor: next, ring: joined });
    ring = joined;
    return next;
  }

  async function reduce(overlay: Parameters<Source['reducers'][string]>[0], log: Log): Promise<void> {
    const source = bySource.get(log.address.toLowerCase());
    if (!source) return;
    const { abi, reducers } = source;
    const { topics, data } = log;
    // Events missing from our ABIs are ignored.
    const known = topics.length > 0 ? decodeKnown(abi, topics, data) : undefined;
    if (!known || !Object.hasOwn(reducers, known.eventName)) return;
    await reducers[known.eventName]!(overlay, {
      address: log.address,
      name: known.eventName,
      args: known.args,
      blockNumber: Number(log.blockNumber),
      logIndex: log.logIndex!,
      transactionHash: log.transactionHash!,
    });
  }

  for (;;) {
    signal?.throwIfAborted();
    try {
      const undone = await rollBack();
      if (undone) yield undone;
      const head = Number((await read.getBlock({ blockTag: 'latest' })).number);
      const from = cursor ? cursor.number + 1 : fromBlock;
      if (from > head) {
        // `rollBack` handles a head below the last read block; here all blocks are read.
        yield { kind: 'done', number: cursor?.number ?? head };
        return;
      }
      const to = Math.min(head, from + range - 1);
      cursor = await readRange(from, to, head);
      attempts = 0;
      range = Math.min(maxRange, range * 2);
      yield { kind: 'progress', number: to, head };
    } catch (error) {
      if (error instanceof Changed) {
        if (++attempts >= MAX_ATTEMPTS) throw new ChangingChainError(attempts);
        continue;
      }
      if (!isTooMuch(error)) throw error;
      if (range === 1) throw new RangeRefusedError(cursor ? cursor.number + 1 : fromBlock, error);
      range = Math.max(1, range >> 1);
    }
  }
}

function decodeKnown(abi: Source['abi'], topics: Log['topics'], data: Log['data']) {
  try {
    const { eventName, args } = decodeEventLog({ abi, topics: topics, data });
    return { eventName: eventName!, args: (args ?? {}) as unknown as Record<string, unknown> };
  } catch (error) {
    if ((error as Error).name === 'AbiEventSignatureNotFoundError') return undefined;
    throw error;
  }
}

/** Recognises the many ways in which providers report a range or response that is too large. */
const isTooMuch = (error: unknown): boolean =>
  /too (many|large|wide|big)|more than \d+|exceed|limit|range|10,?000|response size|timed? ?out/i.test(
    error instanceof Error ? error.message : String(error),
  );
