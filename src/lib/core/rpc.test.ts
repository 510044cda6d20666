// Calls, streams, errors, early ends and aborts over a real MessageChannel.

import { afterEach, describe, expect, it } from 'vitest';
import { AbortedError, PayableError } from './errors.ts';
import { connect, serve } from './rpc.ts';

interface Service {
  add(a: number, b: number): Promise<number>;
  fail(kind: 'payable' | 'defect'): Promise<void>;
  wait(signal?: AbortSignal): Promise<void>;
  count(to: number, signal?: AbortSignal): AsyncIterable<number>;
  countPolitely(signal: AbortSignal): AsyncIterable<number | 'cancelled'>;
  failAfter(items: number): AsyncIterable<number>;
}

const log: string[] = [];
let sent = 0;
const service: Service = {
  add: (a, b) => Promise.resolve(a + b),
  fail: (kind) =>
    Promise.reject(
      kind === 'payable' ? new PayableError('area/what', 'Wrong.', { hint: 'Do this.' }) : new TypeError('Bug'),
    ),
  wait: (signal) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new AbortedError(signal.reason)))),
  async *count(to, signal) {
    try {
      for (let at = 0; at < to; at++) {
        signal?.throwIfAborted();
        sent++;
        yield at;
      }
    } finally {
      log.push('ended');
    }
  },
  async *countPolitely(signal) {
    for (let at = 0; !signal.aborted; at++) {
      yield at;
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield 'cancelled';
  },
  async *failAfter(items) {
    for (let at = 0; at < items; at++) yield at;
    throw new PayableError('area/late', 'Late.');
  },
};

const METHODS = {
  add: 'call',
  fail: 'call',
  wait: 'call',
  count: 'stream',
  countPolitely: 'stream',
  failAfter: 'stream',
} as const;
const channels: MessageChannel[] = [];

function open() {
  log.length = 0;
  sent = 0;
  const channel = new MessageChannel();
  channels.push(channel);
  channel.port1.start();
  channel.port2.start();
  const stop = serve(channel.port1, service);
  return { ...connect<Service>(channel.port2, METHODS), stop };
}

/** The other end has answered everything sent before this. */
const settled = (remote: Service) => remote.add(0, 0);

afterEach(() => channels.splice(0).forEach(({ port1 }) => port1.close()));

describe('calls', () => {
  it('return values', async () => {
    const { remote } = open();
    expect(await Promise.all([remote.add(1, 2), remote.add(3, 4)])).toEqual([3, 7]);
  });

  it('carry a product error with its code, hint and name', async () => {
    const error = await open()
      .remote.fail('payable')
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PayableError);
    expect(error).toMatchObject({ code: 'area/what', message: 'Wrong.', hint: 'Do this.', name: 'PayableError' });
  });

  it('carry a defect as a plain error', async () => {
    const error = await open()
      .remote.fail('defect')
      .catch((caught: unknown) => caught);
    expect(error).not.toBeInstanceOf(PayableError);
    expect(error).toMatchObject({ name: 'TypeError', message: 'Bug' });
  });

  it('abort', async () => {
    const { remote } = open();
    const abort = new AbortController();
    const waiting = remote.wait(abort.signal);
    abort.abort();
    await expect(waiting).rejects.toBeInstanceOf(AbortedError);
    await expect(remote.wait(abort.signal)).rejects.toBeInstanceOf(AbortedError);
  });

  it('refuse what cannot be sent and what is not there', async () => {
    const { remote } = open();
    await expect(remote.add((() => 1) as unknown as number, 1)).rejects.toThrow(/could not be cloned/);
    const channel = new MessageChannel();
    channels.push(channel);
    channel.port1.start();
    channel.port2.start();
    serve(channel.port1, {});
    const empty = connect<Service>(channel.port2, METHODS);
    await expect(empty.remote.add(1, 1)).rejects.toMatchObject({ code: 'rpc/no-method' });
    const inherited = connect<{ valueOf: () => Promise<unknown> }>(channel.port2, { valueOf: 'call' });
    await expect(inherited.remote.valueOf()).rejects.toMatchObject({ code: 'rpc/no-method' });
  });

  it('fail when the connection is closed', async () => {
    const { remote, close } = open();
    const waiting = remote.wait();
    close(new PayableError('area/gone', 'Gone.'));
    await expect(waiting).rejects.toMatchObject({ code: 'area/gone' });
    await expect(remote.add(1, 1)).rejects.toMatchObject({ code: 'area/gone' });
  });
});

describe('streams', () => {
  it('arrive in order and end', async () => {
    const seen: number[] = [];
    for await (const value of open().remote.count(100)) seen.push(value);
    expect(seen).toEqual(Array.from({ length: 100 }, (_, at) => at));
    expect(log).toEqual(['ended']);
  });

  it('fail after what was sent', async () => {
    const seen: number[] = [];
    const read = async () => {
      for await (const value of open().remote.failAfter(3)) seen.push(value);
    };
    await expect(read()).rejects.toMatchObject({ code: 'area/late' });
    expect(seen).toEqual([0, 1, 2]);
  });

  it('stop at the source when the reader leaves, with or without a signal', async () => {
    for (const signal of [undefined, new AbortController().signal]) {
      const { remote } = open();
      for await (const value of remote.count(1_000_000, signal)) if (value === 3) break;
      await settled(remote);
      await settled(remote);
      expect(log).toEqual(['ended']);
    }
  });

  it('stop when aborted', async () => {
    const { remote } = open();
    const abort = new AbortController();
    const read = async () => {
      for await (const value of remote.count(1_000_000, abort.signal)) if (value === 3) abort.abort();
    };
    await expect(read()).rejects.toBeInstanceOf(AbortedError);
    expect(log).toEqual(['ended']);
  });

  it('may say a last word after an abort', async () => {
    const abort = new AbortController();
    let last: number | string = 0;
    for await (const value of open().remote.countPolitely(abort.signal)) {
      last = value;
      if (value === 3) abort.abort();
    }
    expect(last).toBe('cancelled');
  });

  it('never run far ahead of the reader', async () => {
    const { remote } = open();
    const stream = remote.count(1000)[Symbol.asyncIterator]();
    await stream.next();
    await settled(remote);
    await settled(remote);
    expect(sent).toBeLessThanOrEqual(18);
    await stream.return?.();
  });

  it('stop when the serving side stops', async () => {
    const { remote, stop } = open();
    const stream = remote.count(1000)[Symbol.asyncIterator]();
    await stream.next();
    await settled(remote);
    stop();
    expect(log).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['ended']);
  });
});
