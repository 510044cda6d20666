// Works off requests, some at a time, and begins again where the last process ended. A graph that nobody has yet is asked
// for again: clients make their request first and connect afterwards.

import { PayableError } from '#lib/core/errors.ts';
import { parseCid, type Block } from '#lib/core/format/block.ts';
import { BlockMissingError, TooLargeError } from '#lib/ipfs/errors.ts';
import type { Kept, PinBackend, PinTask } from './pin-backend.ts';
import type { PinBook } from './pin-book.ts';
import type { PinRequest } from './pin-request.ts';

export interface PinQueue {
  /** Takes up `request`. */
  put(request: PinRequest): void;
  /** Keeps a graph that was brought along. @throws what the backend has against it; the request is as it was then */
  take(request: PinRequest, blocks: AsyncIterable<Block>, signal: AbortSignal): Promise<void>;
  /** Stops work on it, and lets its graph go when no other request wants it. */
  drop(request: PinRequest): Promise<void>;
  /** Resolves when nothing is under way. What is queued stays for the next start. */
  stop(): Promise<void>;
}

export interface QueueOptions {
  /** Requests worked on at once; default 4. */
  concurrency?: number;
  /** Between two tries of what nobody has; default 1,000. */
  pauseMs?: number;
  /** What nobody has after so long has failed; default ten minutes. */
  giveUpMs?: number;
  /** What went wrong inside, for the operator's log. */
  log(line: string): void;
}

export function createPinQueue(backend: PinBackend, book: PinBook, options: QueueOptions): PinQueue {
  const { concurrency = 4, pauseMs = 1_000, giveUpMs = 600_000, log } = options;
  const waiting: PinRequest[] = [];
  const running = new Map<string, { stop: AbortController; done: Promise<void> }>();
  const lanes = createLanes();
  let taking = 0;
  let untidy = false;
  let tidying: Promise<void> = Promise.resolve();
  let stopped = false;

  /** One at a time for one graph: letting go and taking up must not meet. */
  const keep = (request: PinRequest, act: (maxBytes: number) => Promise<Kept>): Promise<void> =>
    lanes
      .run(request.cid, async () => {
        const { blocks, bytes } = await act(book.room(request.owner, request.cid));
        // Another graph of this wallet may have come in meanwhile.
        if (bytes > book.room(request.owner, request.cid)) {
          if (!book.wantedBesides(request)) await backend.unpin(parseCid(request.cid));
          throw new TooLargeError(`${request.cid} has ${bytes} bytes`);
        }
        await book.change(request, { status: 'pinned', reason: '', blocks, bytes });
      })
      .catch((error: unknown) => {
        // What came of it so far is held by nothing.
        untidy = true;
        throw error;
      });

  async function work(request: PinRequest, signal: AbortSignal): Promise<void> {
    const root = parseCid(request.cid);
    const until = performance.now() + giveUpMs;
    await book.change(request, { status: 'pinning', reason: '' });
    for (;;) {
      try {
        const task = (maxBytes: number): PinTask => ({ origins: request.origins, maxBytes, signal });
        return await keep(request, (maxBytes) => backend.pin(root, task(maxBytes)));
      } catch (error) {
        if (signal.aborted) return;
        const reason = inWords(error);
        if (!(error instanceof BlockMissingError) || performance.now() > until) {
          await book.change(request, { status: 'failed', reason });
          log(`pin ${request.cid} failed: ${reason}`);
          return;
        }
        await book.change(request, { reason });
        await pause(pauseMs, signal);
      }
    }
  }

  function tidyWhenIdle(): void {
    if (!untidy || stopped || running.size > 0 || taking > 0 || waiting.length > 0) return;
    untidy = false;
    tidying = backend.tidy().catch((error: unknown) => log(`cleaning up: ${String(error)}`));
    void tidying.then(next);
  }

  function next(): void {
    while (!stopped && running.size < concurrency && waiting.length > 0) {
      const request = waiting.shift()!;
      const stop = new AbortController();
      const done = tidying
        .then(() => work(request, stop.signal))
        .catch((error: unknown) => log(`pin ${request.cid}: ${String(error)}`))
        .finally(() => {
          running.delete(request.id);
          next();
          tidyWhenIdle();
        });
      running.set(request.id, { stop, done });
    }
  }

  const queue: PinQueue = {
    put(request) {
      waiting.push(request);
      next();
    },
    async take(request, blocks, signal) {
      taking++;
      try {
        await tidying;
        const root = parseCid(request.cid);
        await keep(request, (maxBytes) => backend.take(root, blocks, { origins: [], maxBytes, signal }));
      } finally {
        taking--;
        tidyWhenIdle();
      }
    },
    async drop(request) {
      const at = waiting.indexOf(request);
      if (at >= 0) waiting.splice(at, 1);
      const task = running.get(request.id);
      task?.stop.abort();
      await task?.done;
      await lanes.run(request.cid, async () => {
        if (!book.wantedBesides(request)) await backend.unpin(parseCid(request.cid));
      });
      untidy = true;
      tidyWhenIdle();
    },
    async stop() {
      stopped = true;
      for (const { stop } of running.values()) stop.abort();
      await Promise.all([...running.values()].map(({ done }) => done));
      await tidying;
    },
  };
  for (const request of book.waiting()) queue.put(request);
  return queue;
}

/** Acts of one name after each other, of different names side by side. */
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

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
