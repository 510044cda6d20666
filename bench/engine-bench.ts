// Measures the engine: load, prefill, decode, the cost of an adapter, batches, switches. Each ratio is measured within one run.
// Returns figures and prints nothing.

import type { FolderRef, Folder } from '#lib/core/folder.ts';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { AdapterUse, DeviceInfo, Engine, GenerateTimings } from '#lib/engine/engine.ts';
import type { Host } from '#lib/engine/host.ts';
import { createRandomAdapter, createRandomModel, type RandomShape } from './random-model.ts';

export interface EngineBenchOptions {
  host: Host;
  shapes: RandomShape[];
  dtypes: WeightDtype[];
  promptTokens: number;
  newTokens: number;
  /** Number of runs that a median is taken of. */
  repetitions: number;
  /** Batch sizes; must include 1. */
  batches: number[];
  /** Adapters to register, to measure the registry; 0 skips it. */
  registered: number;
  limits: 'best' | 'default';
  heapBytes(): number;
  onProgress(line: string): void;
  signal?: AbortSignal;
}

/** A number of sequences, and how many different adapters are applied to them. */
interface Crowd {
  batch: number;
  adapters: number;
}

/** Tokens per second. */
interface Speed {
  prefill: number;
  decode: number;
}

export interface BenchRow {
  shape: string;
  dtype: WeightDtype;
  loadMs: number;
  weightBytes: number;
  prefillTps: number;
  decodeTps: number;
  /** The same with one rank-16 adapter on every linear matrix. */
  adapterPrefillTps: number;
  adapterDecodeTps: number;
  /** Share of decode time one adapter adds. */
  adapterCost: number;
  /** `timesBatch1`: relative to one sequence alone, with an adapter if the batch has any. */
  batches: (Crowd & { decodeTps: number; timesBatch1: number })[];
  switchMs: { resident: number; fromRam: number };
  registry: { adapters: number; decodeTps: number; cost: number } | null;
  speculation: SpeculationRow;
  heapBytes: number;
}

/** An answer that repeats itself, with one token a step and with speculation. A random model falls into a loop soon. */
export interface SpeculationRow {
  plainTps: number;
  speculativeTps: number;
  /** Median over rounds, and the least and greatest round. */
  times: { median: number; least: number; greatest: number };
  newTokens: number;
  proposedTokens: number;
  acceptedTokens: number;
}

export interface EngineBenchResult {
  device: DeviceInfo;
  rows: BenchRow[];
}

const RANK = 16;
const BASE: Crowd = { batch: 1, adapters: 0 };
const ADAPTED: Crowd = { batch: 1, adapters: 1 };

export async function benchEngine(options: EngineBenchOptions): Promise<EngineBenchResult> {
  const rows: BenchRow[] = [];
  let device: DeviceInfo | null = null;
  for (const shape of options.shapes) {
    for (const dtype of options.dtypes) {
      const engine = createEngine(virtualHost(options.host, shape));
      try {
        const result = await benchOne(engine, shape, dtype, options);
        device = result.device;
        rows.push(result.row);
      } finally {
        await engine.dispose();
      }
    }
  }
  return { device: device!, rows };
}

async function benchOne(engine: Engine, shape: RandomShape, dtype: WeightDtype, options: EngineBenchOptions) {
  const { host, promptTokens, newTokens, repetitions, onProgress, signal } = options;
  const say = (line: string) => onProgress(`${shape.name} ${dtype}: ${line}`);
  const started = host.now();
  let device: DeviceInfo | null = null;
  let weightBytes = 0;
  const limits = options.limits;
  const contextLength = shape.context;
  const request = { model: refTo('model'), dtype, limits, maxSequences: 32, contextLength } as const;
  for await (const event of engine.load(request, signal)) {
    if (event.type === 'ready') ({ device, weightBytes } = event.model);
  }
  const loadMs = host.now() - started;
  say(`loaded in ${Math.round(loadMs)} ms`);

  let salt = 0;
  /** Another prompt each time, so that no prefix is ever reused. */
  const prompt = () => ({ ids: Array.from({ length: promptTokens }, (_, i) => (i * 31 + ++salt * 7) % shape.vocab) });
  const run = async (adapters: AdapterUse[], maxTokens = newTokens): Promise<GenerateTimings> => {
    for await (const event of engine.generate({ prompt: prompt(), adapters, maxTokens, speculate: false }, signal)) {
      if (event.type === 'done') return event.timings;
    }
    throw new Error('generate ended without an answer');
  };
  const adapter = async (seed: number): Promise<AdapterUse> => {
    const { id } = await engine.loadAdapter(refTo(`adapter-${seed}`));
    return { id, weight: 1 };
  };

  const first = await adapter(1);
  const all = [first];
  const crowds = options.batches.flatMap((batch) =>
    [0, ...options.batches.filter((n) => n <= batch)].map((adapters): Crowd => ({ batch, adapters })),
  );
  while (all.length < Math.max(...options.batches)) all.push(await adapter(all.length + 1));
  const speed = async ({ batch, adapters }: Crowd): Promise<Speed> => {
    const uses = Array.from({ length: batch }, (_, i) => (adapters > 0 ? [all[i % adapters]!] : []));
    const before = await engine.stats();
    const timings = await Promise.all(uses.map((use) => run(use)));
    const after = await engine.stats();
    const decodeMs = after.milliseconds.decode - before.milliseconds.decode;
    const steps = after.steps.decode - before.steps.decode;
    const prefill = median(timings.map(({ firstTokenMs }) => (promptTokens / firstTokenMs) * 1000));
    return { prefill, decode: (batch * steps * 1000) / decodeMs };
  };
  await run([], 2);
  await run([first], 2);
  // Interleave the variants, so that load on the machine affects all alike.
  const turns: Speed[][] = [];
  for (let turn = 0; turn < repetitions; turn++) {
    const speeds = [];
    for (const crowd of crowds) speeds.push(await speed(crowd));
    turns.push(speeds);
    say(`${turn + 1} of ${repetitions}: decode ${speeds[0]!.decode.toFixed(2)} tokens/s`);
  }
  const [base, applied] = [BASE, ADAPTED].map((wanted) =>
    crowds.findIndex(({ batch, adapters }) => batch === wanted.batch && adapters === wanted.adapters),
  ) as [number, number];
  const over = (pick: (turn: Speed[]) => number) => median(turns.map(pick));
  const batches = crowds.map((crowd, i) => ({
    ...crowd,
    decodeTps: over((turn) => turn[i]!.decode),
    timesBatch1: over((turn) => turn[i]!.decode / turn[crowd.adapters > 0 ? applied : base]!.decode),
  }));

  const switchMs = await measureSwitch(engine, run, first, await adapter(100), host);
  const registry = options.registered > 0 ? await measureRegistry() : null;
  async function measureRegistry() {
    const decode = async () => (await speed(ADAPTED)).decode;
    const times = async (read: () => Promise<number>) => {
      const values = [];
      for (let i = 0; i < repetitions; i++) values.push(await read());
      return median(values);
    };
    const before = await times(decode);
    const ids = [];
    for (let i = 0; i < options.registered; i++) ids.push((await adapter(1000 + i)).id);
    const decodeTps = await times(decode);
    for (const id of ids) await engine.unloadAdapter(id);
    const without = median([before, await times(decode)]);
    return { adapters: options.registered, decodeTps, cost: without / decodeTps - 1 };
  }
  const speculation = await measureSpeculation(engine, prompt(), options);
  say(`speculation: ${speculation.times.median.toFixed(2)} times`);
  const row: BenchRow = {
    shape: shape.name,
    dtype,
    loadMs,
    weightBytes,
    prefillTps: over((turn) => turn[base]!.prefill),
    decodeTps: over((turn) => turn[base]!.decode),
    adapterPrefillTps: over((turn) => turn[applied]!.prefill),
    adapterDecodeTps: over((turn) => turn[applied]!.decode),
    adapterCost: over((turn) => turn[base]!.decode / turn[applied]!.decode - 1),
    batches,
    switchMs,
    registry,
    speculation,
    heapBytes: options.heapBytes(),
  };
  return { device: device!, row };
}

/** By turns, so that load on the machine affects both alike. */
async function measureSpeculation(
  engine: Engine,
  prompt: { ids: number[] },
  { newTokens, repetitions, signal }: EngineBenchOptions,
): Promise<SpeculationRow> {
  const run = async (speculate: boolean) => {
    const request = { prompt, maxTokens: 4 * newTokens, speculate };
    for await (const event of engine.generate(request, signal)) {
      if (event.type !== 'done') continue;
      const { newTokens: count, decodeMs } = event.timings;
      return { ...event.timings, tps: ((count - 1) * 1000) / decodeMs };
    }
    throw new Error('generate ended without an answer');
  };
  await run(true);
  const rounds = [];
  for (let round = 0; round < repetitions; round++) rounds.push({ plain: await run(false), fast: await run(true) });
  const times = rounds.map(({ plain, fast }) => fast.tps / plain.tps);
  const { newTokens: count, proposedTokens, acceptedTokens } = rounds.at(-1)!.fast;
  return {
    plainTps: median(rounds.map(({ plain }) => plain.tps)),
    speculativeTps: median(rounds.map(({ fast }) => fast.tps)),
    times: { median: median(times), least: Math.min(...times), greatest: Math.max(...times) },
    newTokens: count,
    proposedTokens,
    acceptedTokens,
  };
}

/** First-token time of a one-token prompt after a change of adapter, minus the same without a change. */
async function measureSwitch(
  engine: Engine,
  run: (adapters: AdapterUse[], maxTokens?: number) => Promise<GenerateTimings>,
  resident: AdapterUse,
  cold: AdapterUse,
  host: Host,
): Promise<BenchRow['switchMs']> {
  const before = (await engine.stats()).milliseconds.adapterUpload;
  await run([cold], 1);
  const fromRam = (await engine.stats()).milliseconds.adapterUpload - before;
  const time = async (use: AdapterUse) => {
    const started = host.now();
    await run([use], 1);
    return host.now() - started;
  };
  const same = [];
  const changed = [];
  for (let i = 0; i < 3; i++) {
    await time(resident);
    same.push(await time(resident));
    changed.push(await time(cold));
  }
  return { resident: Math.max(0, median(changed) - median(same)), fromRam };
}

const refTo = (name: string): FolderRef => ({ kind: 'url', url: name });

/** A host with the bench's generated models and adapters. */
function virtualHost(host: Host, shape: RandomShape): Host {
  const open = (name: string): Folder =>
    name === 'model' ? createRandomModel(shape) : createRandomAdapter(shape, RANK, Number(name.split('-')[1]));
  return { ...host, openFolder: (ref) => (ref.kind === 'url' ? open(ref.url) : host.openFolder(ref)) };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
