// Processes pin requests, a few at a time and fairly between wallets, and resumes after a restart. A graph without a
// provider is retried, since clients send their request first and connect afterwards.

import { PayableError } from '#lib/core/errors.ts';
import { parseCid, type Block } from '#lib/formats/block/block.ts';
import { BlockMissingError, TooLargeError } from '#lib/ipfs/errors.ts';
import type { Kept, PinBackend, PinTask } from './pin-backend.ts';
import type { PinBook } from './pin-book.ts';
import type { PinRequest } from './pin-request.ts';
import { diskBytes } from './room.ts';

export interface PinQueue {
  /** Queues `request`. */
  put(request: PinRequest): void;
  /** Pins an uploaded graph. @throws errors of the backend; the request is then unchanged */
  take(request: PinRequest, blocks: AsyncIterable<Block>, signal: AbortSignal): Promise<void>;
  /** Stops work on a request, and unpins its graph unless another request needs it. */
  drop(request: PinRequest): Promise<void>;
  /** Aborts the requests in progress and waits for them to end. Unfinished requests resume on the next start. */
  stop(): Promise<void>;
}

export interface QueueOptions {
  /** Requests in progress at once; default 8. */
  concurrency?: number;
  /** Milliseconds between two attempts for a graph without a provider; default 1,000. */
  pauseMs?: number;
  /** Milliseconds since queueing after which a request without a provider fails; default ten minutes. */
  giveUpMs?: number;
  /** Unpinned bytes beyond which new work waits for their removal; default 2 GiB. */
  tidyAfterBytes?: number;
  /** Internal failures, for the operator's log. */
  log(line: string): void;
}

interface Job {
  request: PinRequest;
  untilMs: number;
}

export function createPinQueue(backend: PinBackend, book: PinBook, options: QueueOptions): PinQueue {
  const { concurrency = 8, pauseMs = 1_000, giveUpMs = 600_000, tidyAfterBytes = 2 ** 31, log } = options;
  let waiting: Job[] = [];
  const running = new Map<string, { job: Job; stop: AbortController; done: Promise<void> }>();
  /** Failed attempts that are to be retried. */
  const resting = new Map<string, ReturnType<typeof setTimeout>>();
  const lanes = createLanes();
  let taking = 0;
  let untidy = backend.isUntidy;
  let tidying: Promise<void> = Promise.resolve();
  let stopped = false;

  const { room } = book;

  /** Serialises work on one graph: pinning and unpinning must not overlap. */
  const keep = (request: PinRequest, act: (arrive: PinTask['arrive']) => Promise<Kept>): Promise<void> =>
    lanes.run(request.cid, async () => {
      const { blocks, bytes } = await act((kept) => room.arrive(request, kept));
      room.leave(request);
      await book.change(request, { status: 'pinned', reason: '', blocks, bytes });
    });

  /** Counts `size` unpinned bytes, to be removed by the next clean-up. */
  function leaveBehind(size: number): void {
    if (size === 0) return;
    room.addGarbage(size);
    untidy = true;
  }

  async function unpin(request: PinRequest): Promise<void> {
    await backend.unpin(parseCid(request.cid));
    leaveBehind(room.leave(request) + diskBytes(request));
  }

  async function attempt(job: Job, signal: AbortSignal): Promise<void> {
    const { request } = job;
    try {
      if (request.status !== 'pinning') await book.change(request, { status: 'pinning', reason: '' });
      const { cid, origins } = request;
      await keep(request, (arrive) => backend.pin(parseCid(cid), { origins, arrive, signal }));
    } catch (error) {
      if (signal.aborted) return;
      const reason = inWords(error);
      if (error instanceof BlockMissingError && performance.now() < job.untilMs) {
        if (reason !== request.reason) await book.change(request, { reason });
        rest(job);
        return;
      }
      leaveBehind(room.leave(request));
      await book.change(request, { status: 'failed', reason });
      log(`pin ${request.cid} failed: ${reason}`);
    }
  }

  function rest(job: Job): void {
    const wake = () => {
      resting.delete(job.request.id);
      waiting.push(job);
      next();
    };
    resting.set(job.request.id, setTimeout(wake, pauseMs));
  }

  /** The oldest request of the wallet with the fewest in progress, so that a busy wallet delays only itself. */
  function takeNext(): Job | undefined {
    const busy = new Map<string, number>();
    for (const { job } of running.values()) busy.set(job.request.owner, (busy.get(job.request.owner) ?? 0) + 1);
    let best: Job | undefined;
    for (const job of waiting) {
      if (!best || (busy.get(job.request.owner) ?? 0) < (busy.get(best.request.owner) ?? 0)) best = job;
    }
    waiting = waiting.filter((job) => job !== best);
    return best;
  }

  const isFull = () => room.garbageBytes > tidyAfterBytes;

  function tidyIfIdle(): void {
    const due = isFull() || waiting.length === 0;
    if (!due || stopped || running.size > 0 || taking > 0) return;
    const needed = untidy;
    untidy = false;
    room.tidied();
    tidying = (needed ? backend.tidy() : backend.settle()).catch((error: unknown) =>
      log(`cleaning up: ${String(error)}`),
    );
    if (needed) void tidying.then(next);
  }

  function next(): void {
    tidyIfIdle();
    while (!stopped && running.size < concurrency && !isFull()) {
      const job = takeNext();
      if (!job) return;
      const stop = new AbortController();
      const done = tidying
        .then(() => attempt(job, stop.signal))
        .catch((error: unknown) => log(`pin ${job.request.cid}: ${String(error)}`))
        .finally(() => {
          running.delete(job.request.id);
          next();
        });
      running.set(job.request.id, { job, stop, done });
    }
  }

  const queue: PinQueue = {
    put(request) {
      waiting.push({ request, untilMs: performance.now() + giveUpMs });
      next();
    },
    async take(request, blocks, signal) {
      taking++;
      try {
        await tidying;
        const root = parseCid(request.cid);
        await keep(request, (arrive) => backend.take(root, counted(blocks, arrive), { origins: [], arrive, signal }));
      } catch (error) {
        // The backend has undone its writes.
        room.leave(request);
        throw error;
      } finally {
        taking--;
        next();
      }
    },
    async drop(request) {
      waiting = waiting.filter((job) => job.request !== request);
      clearTimeout(resting.get(request.id));
      resting.delete(request.id);
      const task = running.get(request.id);
      task?.stop.abort();
      await task?.done;
      await lanes.run(request.cid, async () => {
        if (!book.wantedBesides(request)) await unpin(request);
      });
      next();
    },
    async stop() {
      stopped = true;
      for (const timer of resting.values()) clearTimeout(timer);
      for (const { stop } of running.values()) stop.abort();
      await Promise.all([...running.values()].map(({ done }) => done));
      await tidying;
    },
  };
  for (const request of book.waiting()) queue.put(request);
  next();
  return queue;
}

/** Passes `blocks` on unchanged, and counts each before it is written. */
async function* counted(blocks: AsyncIterable<Block>, arrive: PinTask['arrive']): AsyncGenerator<Block, void> {
  const kept = { blocks: 0, bytes: 0 };
  for await (const block of blocks) {
    kept.blocks++;
    kept.bytes += block.bytes.length;
    arrive(kept);
    yield block;
  }
}

/** Runs actions of one key one after another; different keys run in parallel. */
function createLanes() {
  const last = new Map<string, Promise<unknown>>();
  return {
    async run<T>(name: string, act: () => Promise<T>): Promise<T> {
      const before = last.get(name) ?? Promise.resolve();
      const mine = before.then(act, act);
      last.set(name, mine);
      try {
        return await mine;
      } finally {
        if (last.get(name) === mine) last.delete(name);
      }
    },
  };
}

function inWords(error: unknown): string {
  if (error instanceof TooLargeError) return 'It does not fit into what this wallet may still keep here.';
  return error instanceof PayableError ? error.toLine() : 'The node failed; its log says more.';
}
