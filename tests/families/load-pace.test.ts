// Loading an adapter of 20 MB delays concurrent steps by bounded pieces of its upload. Measured in bytes written to the device,
// so that no clock decides.

import { describe, expect, it } from 'vitest';
import type { Folder } from '#lib/core/folder.ts';
import { AbortedError } from '#lib/core/errors.ts';
import { checkSampling, type SequenceRequest } from '#lib/engine/requests.ts';
import { createSession } from '#lib/engine/session.ts';
import { UPLOAD_BYTES } from '#lib/engine/turns.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { gatedFolder } from '../support/gated-folder.ts';
import { madeAdapter, madeModel } from '../support/made-adapter.ts';

/** 20 MB at this rank. */
const SHAPE = { width: 32, layers: 22 };
const RANK = 512;
/** Other writes of steps and admissions: rows, a slot and a descriptor. */
const OTHER_BYTES = 64 << 10;

/** A reference device that records how much was written before each step. */
function countingDevice(): { device: Device; written: number[]; sinceStep(): number } {
  const device = createReferenceDevice();
  const written: number[] = [];
  let bytes = 0;
  return {
    written,
    sinceStep: () => bytes,
    device: {
      ...device,
      write(buffer, at, data) {
        bytes += data.byteLength;
        device.write(buffer, at, data);
      },
      submitAndRead(dispatches, source, count) {
        written.push(bytes);
        bytes = 0;
        return device.submitAndRead(dispatches, source, count);
      },
    },
  };
}

async function openSession(device: Device, folder: Folder, adapterPoolBytes: number) {
  return createSession({
    device,
    folder,
    request: {
      model: { kind: 'directory', path: '.' },
      dtype: 'f32',
      maxSequences: 16,
      contextLength: 512,
      adapterPoolBytes,
      adapterRamBytes: 1,
    },
    now: () => performance.now(),
    today: () => new Date(0),
    onProgress: () => undefined,
  });
}

describe('an adapter of 20 MB, loaded while eight streams decode', () => {
  it('lets them step while it is read and uploads a bounded piece between two steps', { timeout: 60_000 }, async () => {
    const { device, written, sinceStep } = countingDevice();
    const session = await openSession(device, madeModel(SHAPE), 32 << 20);
    const gate = gatedFolder(madeAdapter(SHAPE, RANK, 2));
    const info = await session.adapters.register(gate);
    expect(info).toMatchObject({ tier: 'disk' });
    expect(info.bytes).toBeGreaterThanOrEqual(20_000_000);

    const errors: unknown[] = [];
    const add = (
      request: Pick<SequenceRequest, 'ids' | 'adapters' | 'maxTokens' | 'onToken'> & Partial<SequenceRequest>,
    ) =>
      session.scheduler.add({
        promptTokens: request.ids.length,
        sampling: checkSampling(),
        constraint: null,
        reusePrefix: false,
        keeps: false,
        guesses: null,
        topCount: 0,
        onStart: () => undefined,
        onProposed: () => undefined,
        onEnd: () => undefined,
        onError: (error) => errors.push(error),
        ...request,
      });
    let tokens = 0;
    const listeners = new Set<() => void>();
    const onToken = () => {
      tokens++;
      for (const listener of listeners) listener();
      return true;
    };
    /** Resolves when the streams have produced this many more tokens. */
    const tokensMore = (count: number) =>
      new Promise<void>((resolve) => {
        const wanted = tokens + count;
        const listener = () => {
          if (tokens < wanted) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
      });
    const cancels: (() => void)[] = [];
    const streams = Array.from(
      { length: 8 },
      () =>
        new Promise<string>((onEnd) =>
          cancels.push(add({ ids: [3, 14, 15], adapters: [], maxTokens: 500, onToken, onEnd })),
        ),
    );
    await tokensMore(16);

    gate.close();
    // It leaves when it is admitted: its result does not matter here.
    const late = new Promise<string>((resolve) => {
      const use = { id: info.id, weight: 1 };
      const onStart = () => cancels.at(-1)!();
      cancels.push(add({ ids: [3], adapters: [use], maxTokens: 1, onToken, onStart, onEnd: resolve }));
    });
    await gate.reached();
    const stepsAtGate = written.length;
    await tokensMore(8 * 10);
    expect(written.length - stepsAtGate).toBeGreaterThanOrEqual(9);
    expect(Math.max(...written.slice(stepsAtGate))).toBeLessThan(OTHER_BYTES);

    gate.open();
    const stepsAtOpen = written.length;
    expect(await late).toBe('cancelled');
    const during = written.slice(stepsAtOpen);
    expect(during.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThanOrEqual(info.bytes);
    expect(Math.max(...during)).toBeLessThan(UPLOAD_BYTES + OTHER_BYTES);

    for (const cancel of cancels) cancel();
    expect(await Promise.all(streams)).toEqual(streams.map(() => 'cancelled'));
    session.dispose(new AbortedError());
    expect(errors).toEqual([]);
    expect(sinceStep()).toBeLessThan(OTHER_BYTES);
  });
});

describe('many adapters, registered and resident', () => {
  /** Counts steps of iterations over a Map or a Set, including spreads, during `work`. */
  async function stepsOfWalks(work: () => Promise<unknown>): Promise<number> {
    const prototypes = [new Map().values(), new Set().values()].map(
      (iterator) => Reflect.getPrototypeOf(iterator) as { next: () => IteratorResult<unknown> },
    );
    const originals = prototypes.map(({ next }) => next);
    let steps = 0;
    prototypes.forEach((prototype, i) => {
      prototype.next = function (this: unknown) {
        steps++;
        return originals[i]!.call(this);
      };
    });
    try {
      await work();
    } finally {
      prototypes.forEach((prototype, i) => (prototype.next = originals[i]!));
    }
    return steps;
  }

  it('do not slow down admission and eviction', async () => {
    const shape = { width: 16, layers: 1 };
    const model = madeModel(shape);
    const counts: number[] = [];
    for (const [registered, poolBytes] of [
      [40, 1 << 20],
      [1000, 32 << 20],
    ] as const) {
      const session = await openSession(createReferenceDevice(), model, poolBytes);
      const ids: string[] = [];
      for (let i = 0; i < registered; i++) ids.push((await session.adapters.register(madeAdapter(shape, 1, i))).id);
      const { adapters, changes } = session;
      const use = async (id: string) => {
        const claim = adapters.claim([id]);
        for (;;) {
          const changed = changes.next();
          if (claim.bring() && typeof claim.hold() !== 'string') break;
          await changed;
        }
        claim.release();
      };
      // The last of these evict already.
      for (const id of ids.slice(0, -20)) await use(id);
      const evicted = adapters.evictions;
      const walked = await stepsOfWalks(async () => {
        for (const id of ids.slice(-20)) await use(id);
      });
      counts.push(walked);
      expect(adapters.evictions - evicted).toBe(20);
      session.dispose(new AbortedError());
    }
    expect(counts[1]).toBeLessThanOrEqual(counts[0]! + 20);
  });
});
