// Loading an adapter never stops decoding: other requests pass those whose adapters are loading, and every answer equals the one
// it gives alone.

import { afterEach, describe, expect, it } from 'vitest';
import { AbortedError } from '#lib/core/errors.ts';
import type { Engine, GenerateRequest } from '#lib/engine/engine.ts';
import { gatedFolder, type GatedFolder } from '../support/gated-folder.ts';
import { answer } from '../support/generation-cases.ts';
import { madeAdapter, madeModel } from '../support/made-adapter.ts';
import { smallEngine } from '../support/small-model.ts';

const SHAPE = { width: 32, layers: 2 };
/** Packs into more than half of a pool of eight pages, like RANK + 4. */
const WIDE_RANK = 256;
const IDS = [3, 14, 15, 9, 26];

let engine: Engine;
afterEach(() => engine.dispose());

/** An engine that keeps no adapter in RAM, with adapters whose loads are controlled by gates; ids in order. */
async function engineWith(count: number, { rank = 4, wideSlots = 0 } = {}) {
  const folders = Array.from({ length: count }, (_, i) => gatedFolder(madeAdapter(SHAPE, rank, 10 + i)));
  const adapters = Object.fromEntries(folders.map((folder, i) => [`a${i}`, folder]));
  engine = await smallEngine(madeModel(SHAPE), {
    adapters,
    adapterRamBytes: 1,
    adapterPoolBytes: Math.max(1 << 20, wideSlots * SHAPE.layers * (8 << 16)),
    maxSequences: 16,
    contextLength: 64,
  });
  const ids: string[] = [];
  for (const path of Object.keys(adapters)) ids.push((await engine.loadAdapter({ kind: 'directory', path })).id);
  return { folders, ids };
}
const asking = (first: number, maxTokens: number, ...ids: (string | undefined)[]): GenerateRequest => ({
  prompt: { ids: [first, ...IDS] },
  adapters: ids.map((id) => ({ id: id!, weight: 1 })),
  maxTokens,
});
const idsOf = async (request: GenerateRequest) => (await answer(engine, request)).ids;
const never = (folder: GatedFolder | undefined) => {
  folder!.close();
  return folder!;
};

describe('an adapter', () => {
  it('is unloaded right after its answer was left or is done, and not before', async () => {
    const { ids } = await engineWith(1);
    const id = ids[0]!;
    for await (const event of engine.generate(asking(1, 30, id))) {
      if (event.type === 'start') continue;
      await expect(engine.unloadAdapter(id)).rejects.toMatchObject({ code: 'engine/request' });
      break;
    }
    await engine.unloadAdapter(id);
    await engine.loadAdapter({ kind: 'directory', path: 'a0' });
    const [first] = await idsOf(asking(2, 1, id));
    expect(first).toBeTypeOf('number');
    await engine.unloadAdapter(id);
    expect(await engine.listAdapters()).toEqual([]);
  });
});

describe('a request whose adapter is loading', () => {
  it('is passed by eight streams that were decoding, and then gives the tokens it gives alone', async () => {
    const { folders, ids } = await engineWith(1);
    const streams = Array.from({ length: 8 }, (_, i) => asking(i, 30));
    const late = asking(8, 12, ids[0]);
    const alone: number[][] = [];
    for (const stream of streams) alone.push(await idsOf(stream));
    const expected = await idsOf(late);
    // Another adapter uses the same pool, so the first one was evicted and is loaded again.
    await engine.unloadAdapter(ids[0]!);
    await engine.loadAdapter({ kind: 'directory', path: 'a0' });
    const gate = never(folders[0]);
    let started = false;
    const waiting = (async () => {
      for await (const event of engine.generate(late)) {
        started = true;
        if (event.type === 'done') return event.ids;
      }
      return [];
    })();
    const before = (await engine.stats()).steps.decode;
    await gate.reached();
    expect(await Promise.all(streams.map(idsOf))).toEqual(alone);
    expect((await engine.stats()).steps.decode - before).toBeGreaterThanOrEqual(29);
    expect(started).toBe(false);
    gate.open();
    expect(await waiting).toEqual(expected);
  });

  it('that never loads delays no other adapter, base request or logits', async () => {
    const { folders, ids } = await engineWith(22);
    const stuck = folders.slice(0, 20).map(never);
    const stop = new AbortController();
    const waiting = stuck.map(async (_, i) => {
      for await (const event of engine.generate(asking(i, 5, ids[i]), stop.signal))
        if (event.type === 'done') return event.finish;
      return null;
    });
    await Promise.all(stuck.map((gate) => gate.reached()));
    const others = [asking(1, 6), asking(2, 6, ids[20]), asking(3, 6, ids[21], ids[20])];
    const answers = await Promise.all(others.map((request) => answer(engine, request)));
    expect(answers.map(({ finish }) => finish)).toEqual(['length', 'length', 'length']);
    expect((await engine.logits(IDS, [{ id: ids[21]!, weight: 1 }])).tokens).toBe(IDS.length);
    await expect(engine.unloadAdapter(ids[0]!)).rejects.toMatchObject({ code: 'engine/request' });
    stop.abort();
    expect(await Promise.all(waiting)).toEqual(stuck.map(() => 'cancelled'));
    expect(stuck.map(({ stopped }) => stopped)).toEqual(stuck.map(() => 1));
    for (const id of ids) await engine.unloadAdapter(id);
    expect((await engine.stats()).usedBytes.adapters).toBe(0);
  });

  it('shares its load with other requests for the adapter; the load ends when the last one leaves', async () => {
    const { folders, ids } = await engineWith(1);
    const gate = never(folders[0]);
    const [first, second] = [new AbortController(), new AbortController()];
    const run = async (signal: AbortSignal) => {
      for await (const event of engine.generate(asking(1, 5, ids[0]), signal))
        if (event.type === 'done') return event.finish;
      return null;
    };
    const both = [run(first.signal), run(second.signal)];
    await gate.reached();
    expect(gate.waiting).toBe(1);
    first.abort();
    expect(await both[0]).toBe('cancelled');
    expect(gate.stopped).toBe(0);
    second.abort();
    expect(await both[1]).toBe('cancelled');
    expect(gate.stopped).toBe(1);
    // An adapter that arrives when no request waits is dropped; the next request loads it again.
    gate.open();
    expect((await answer(engine, asking(1, 5, ids[0]))).finish).toBe('length');
  });

  it('fails alone when its load fails, and the adapter can be requested again', async () => {
    const { folders, ids } = await engineWith(2);
    const gate = never(folders[0]);
    const failing = [asking(1, 4, ids[0]), asking(2, 4, ids[1], ids[0])].map((request) =>
      expect(answer(engine, request)).rejects.toThrow('the disk is gone'),
    );
    const sound = [asking(3, 8), asking(4, 8, ids[1])].map(idsOf);
    await gate.reached();
    await Promise.all(sound);
    gate.fail(new Error('the disk is gone'));
    await Promise.all(failing);
    gate.open();
    expect(await idsOf(asking(1, 4, ids[0]))).toHaveLength(4);
  });

  it('ends with the engine, as does an adapter that is being registered', async () => {
    const { folders, ids } = await engineWith(2);
    const [first, second] = folders.map(never);
    const waiting = expect(answer(engine, asking(1, 4, ids[0]))).rejects.toBeInstanceOf(AbortedError);
    const logits = expect(engine.logits(IDS, [{ id: ids[0]!, weight: 1 }])).rejects.toBeInstanceOf(AbortedError);
    const registering = expect(engine.loadAdapter({ kind: 'directory', path: 'a1' })).rejects.toBeInstanceOf(
      AbortedError,
    );
    await Promise.all([first!.reached(), second!.reached()]);
    await engine.dispose();
    await Promise.all([waiting, logits, registering]);
  });
});

describe('a pool that holds one of several waiting adapters', () => {
  it('serves one after the other and evicts none before it was used', async () => {
    const { ids } = await engineWith(3, { rank: WIDE_RANK, wideSlots: 1 });
    const requests = Array.from({ length: 9 }, (_, i) => asking(i, 3 + (i % 4), ids[i % 3]));
    const alone: number[][] = [];
    for (const request of requests) alone.push(await idsOf(request));
    const before = (await engine.stats()).adapters.evictions;
    expect(await Promise.all(requests.map(idsOf))).toEqual(alone);
    // The pool had to be emptied each time, and each request loaded its adapter at most once.
    const evicted = (await engine.stats()).adapters.evictions - before;
    expect(evicted).toBeGreaterThanOrEqual(2);
    expect(evicted).toBeLessThanOrEqual(requests.length);
  });

  it('gives blends that need two places both at once, so none waits for the other', async () => {
    const { ids } = await engineWith(4, { rank: WIDE_RANK - 8, wideSlots: 2 });
    const blends = [asking(1, 5, ids[0], ids[1]), asking(2, 5, ids[2], ids[3]), asking(3, 5, ids[1], ids[2])];
    const alone: number[][] = [];
    for (const blend of blends) alone.push(await idsOf(blend));
    expect(await Promise.all(blends.map(idsOf))).toEqual(alone);
  });

  it('refuses a blend that can never fit, and continues', async () => {
    const { ids } = await engineWith(2, { rank: WIDE_RANK - 8, wideSlots: 1 });
    const base = idsOf(asking(4, 9));
    await expect(answer(engine, asking(1, 5, ids[0], ids[1]))).rejects.toThrow('do not fit into the adapter pool');
    expect(await base).toHaveLength(9);
    expect(await idsOf(asking(1, 5, ids[1]))).toHaveLength(5);
  });
});
