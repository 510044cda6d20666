// Typed calls and streams over any message port: promises, async iterables, errors and abort signals cross it.
// It knows messages; it does not know what is called, nor whether the port is a worker, a channel or a socket.

import { AbortedError, PayableError } from './errors.ts';
import { createEventQueue } from './event-queue.ts';

/** What a worker, a MessagePort and a thin wrapper over a socket have in common. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  removeEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

interface WireError {
  name: string;
  message: string;
  code?: string;
  hint?: string | undefined;
  stack?: string | undefined;
}

type Message =
  | { rpc: 'call'; id: number; method: string; args: unknown[]; signalAt: number }
  | { rpc: 'abort'; id: number }
  | { rpc: 'leave'; id: number }
  | { rpc: 'more'; id: number }
  | { rpc: 'item'; id: number; value: unknown }
  | { rpc: 'end'; id: number; value: unknown }
  | { rpc: 'fail'; id: number; error: WireError };

/** Stream items that may be under way before the reader has taken one; a slow reader slows the source. */
const WINDOW = 16;

const isMessage = (data: unknown): data is Message => typeof data === 'object' && data !== null && 'rpc' in data;

function encodeError(error: unknown): WireError {
  if (error instanceof PayableError) {
    return { name: error.name, message: error.message, code: error.code, hint: error.hint };
  }
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack };
  return { name: 'Error', message: String(error) };
}

function decodeError({ name, message, code, hint, stack }: WireError): Error {
  if (code === 'core/aborted' || name === 'AbortError') return new AbortedError();
  const error = code === undefined ? new Error(message) : new PayableError(code, message, hint ? { hint } : {});
  error.name = name;
  if (stack) error.stack = stack;
  return error;
}

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** Lets the other end of `port` call the methods of `target`. Returns a function that stops answering. */
export function serve(port: Port, target: object): () => void {
  const running = new Map<number, { abort(): void; leave(): void; more(): void }>();

  const call = async ({ id, method, args, signalAt }: Extract<Message, { rpc: 'call' }>) => {
    const abort = new AbortController();
    let credit = WINDOW;
    let wake = () => {};
    let iterator: AsyncIterator<unknown> | undefined;
    const reader: { left: boolean } = { left: false };
    running.set(id, {
      abort: () => abort.abort(),
      leave() {
        reader.left = true;
        abort.abort();
        wake();
        iterator?.return?.().catch(() => undefined);
      },
      more() {
        credit++;
        wake();
      },
    });
    try {
      const verb: unknown = Object.hasOwn(target, method) ? (target as Record<string, unknown>)[method] : undefined;
      if (typeof verb !== 'function') throw new PayableError('rpc/no-method', `There is no method "${method}" here.`);
      const inputs = [...args];
      if (signalAt >= 0) inputs[signalAt] = abort.signal;
      const result: unknown = verb.apply(target, inputs);
      if (!isStream(result)) {
        port.postMessage({ rpc: 'end', id, value: await result });
        return;
      }
      iterator = result[Symbol.asyncIterator]();
      for (;;) {
        const next = await iterator.next();
        if (next.done) break;
        port.postMessage({ rpc: 'item', id, value: next.value });
        credit--;
        while (credit <= 0 && !reader.left) await new Promise<void>((resolve) => (wake = resolve));
      }
      port.postMessage({ rpc: 'end', id, value: undefined });
    } catch (error) {
      port.postMessage({ rpc: 'fail', id, error: encodeError(error) });
    } finally {
      running.delete(id);
    }
  };

  const onMessage = ({ data }: { data: unknown }) => {
    if (!isMessage(data)) return;
    if (data.rpc === 'call') void call(data);
    else if (data.rpc === 'abort') running.get(data.id)?.abort();
    else if (data.rpc === 'leave') running.get(data.id)?.leave();
    else if (data.rpc === 'more') running.get(data.id)?.more();
  };
  port.addEventListener('message', onMessage);
  return () => {
    port.removeEventListener('message', onMessage);
    for (const call of running.values()) call.leave();
  };
}

export interface Connection<T> {
  remote: T;
  /** Fails everything under way and everything called later with `error`. */
  close(error: Error): void;
}

interface Waiting {
  item(value: unknown): void;
  end(value: unknown): void;
  fail(error: Error): void;
}

type Methods<T> = { [K in keyof T]: T[K] extends (...args: never[]) => AsyncIterable<unknown> ? 'stream' : 'call' };

/** Calls what `serve` offers at the other end. `methods` names every method and whether it streams. */
export function connect<T extends object>(port: Port, methods: Methods<T>): Connection<T> {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let closed: Error | undefined;

  port.addEventListener('message', ({ data }) => {
    if (!isMessage(data)) return;
    const entry = waiting.get(data.id);
    if (data.rpc === 'item') entry?.item(data.value);
    if (data.rpc === 'end') entry?.end(data.value);
    if (data.rpc === 'fail') entry?.fail(decodeError(data.error));
  });

  const start = (method: string, args: unknown[], entry: Waiting) => {
    const id = nextId++;
    const signalAt = args.findIndex((arg) => arg instanceof AbortSignal);
    const signal = signalAt < 0 ? undefined : (args[signalAt] as AbortSignal);
    const abort = () => port.postMessage({ rpc: 'abort', id });
    const settle = () => {
      waiting.delete(id);
      signal?.removeEventListener('abort', abort);
    };
    if (closed || signal?.aborted) {
      entry.fail(closed ?? new AbortedError(signal?.reason));
      return { leave: () => {}, more: () => {} };
    }
    waiting.set(id, {
      item: (value) => entry.item(value),
      end: (value) => (settle(), entry.end(value)),
      fail: (error) => (settle(), entry.fail(error)),
    });
    signal?.addEventListener('abort', abort, { once: true });
    const plain = args.map((arg, at) => (at === signalAt ? undefined : arg));
    try {
      port.postMessage({ rpc: 'call', id, method, args: plain, signalAt });
    } catch (error) {
      settle();
      entry.fail(error instanceof Error ? error : new Error(String(error)));
    }
    return {
      leave: () => waiting.has(id) && port.postMessage({ rpc: 'leave', id }),
      more: () => waiting.has(id) && port.postMessage({ rpc: 'more', id }),
    };
  };

  const callOnce =
    (method: string) =>
    (...args: unknown[]) =>
      new Promise<unknown>(
        (resolve, reject) => void start(method, args, { item: () => {}, end: resolve, fail: reject }),
      );

  const callStream =
    (method: string) =>
    (...args: unknown[]) => ({
      async *[Symbol.asyncIterator]() {
        const queue = createEventQueue<unknown>({ onTake: () => call.more(), onReturn: () => call.leave() });
        const call = start(method, args, {
          item: (value) => queue.push(value),
          end: () => queue.end(),
          fail: (error) => queue.fail(error),
        });
        yield* queue;
      },
    });

  const remote = Object.fromEntries(
    Object.entries(methods).map(([name, kind]) => [name, kind === 'stream' ? callStream(name) : callOnce(name)]),
  ) as T;
  return {
    remote,
    close(error) {
      closed = error;
      for (const entry of [...waiting.values()]) entry.fail(error);
    },
  };
}
