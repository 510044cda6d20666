// Measures the engine: load, prefill, decode, the price of an adapter, batches, switches. Ratios come from one run.
// It prints nothing; the command line and the stored results are made from what it returns.

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
  /** Median of this many. */
  repetitions: number;
  batches: number[];
  /** Adapters to register for the registry's price; 0 skips it. */
  registered: number;
  limits: 'best' | 'default';
  heapBytes(): number;
  onProgress(line: string): void;
  signal?: AbortSignal;
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
  batches: { batch: number; adapters: number; decodeTps: number }[];
  switchMs: { resident: number; fromRam: number };
  registry: { adapters: number; decodeTps: number; cost: number } | null;
  heapBytes: number;
}

export interface EngineBenchResult {
  device: DeviceInfo;
  rows: BenchRow[];
}

const RANK = 16;

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
    for await (const event of engine.generate({ prompt: prompt(), adapters, maxTokens }, signal)) {
      if (event.type === 'done') return event.timings;
    }
    throw new Error('generate ended without an answer');
  };
  const speed = async (adapters: AdapterUse[]) => {
    const timings = [];
    for (let i = 0; i < repetitions; i++) timings.push(await run(adapters));
    return {
      prefill: median(timings.map(({ firstTokenMs }) => (promptTokens / firstTokenMs) * 1000)),
      decode: median(timings.map(({ newTokens: n, decodeMs }) => ((n - 1) / decodeMs) * 1000)),
    };
  };
  const adapter = async (seed: number): Promise<AdapterUse> => {
    const { id } = await engine.loadAdapter(refTo(`adapter-${seed}`));
    return { id, weight: 1 };
  };

  await run([], 2);
  const first = await adapter(1);
  await run([first], 2);
  // Alternating, so that a busy moment of the machine hits both.
  const base = await speed([]);
  const worn = await speed([first]);
  const again = await speed([]);
  const decodeTps = median([base.decode, again.decode]);
  say(`decode ${decodeTps.toFixed(2)} tokens/s, with an adapter ${worn.decode.toFixed(2)}`);

  const others = [first];
  const batches: BenchRow['batches'] = [];
  for (const batch of options.batches) {
    for (const distinct of options.batches.filter((n) => n <= batch)) {
      while (others.length < distinct) others.push(await adapter(others.length + 1));
      const uses = Array.from({ length: batch }, (_, i) => others[i % distinct]!);
      const before = (await engine.stats()).milliseconds.decode;
      const count = (await engine.stats()).steps.decode;
      await Promise.all(uses.map((use) => run([use])));
      const after = await engine.stats();
      const tps = (batch * (after.steps.decode - count) * 1000) / (after.milliseconds.decode - before);
      batches.push({ batch, adapters: distinct, decodeTps: tps });
      say(`batch ${batch}, ${distinct} adapters: ${tps.toFixed(2)} tokens/s`);
    }
  }

  const switchMs = await measureSwitch(engine, run, first, await adapter(100), host);
  const registry = options.registered > 0 ? await measureRegistry() : null;
  async function measureRegistry() {
    for (let i = 0; i < options.registered; i++) await adapter(1000 + i);
    const { decode } = await speed([first]);
    const check = await speed([first]);
    const tps = median([decode, check.decode]);
    return { adapters: options.registered, decodeTps: tps, cost: worn.decode / tps - 1 };
  }
  const row: BenchRow = {
    shape: shape.name,
    dtype,
    loadMs,
    weightBytes,
    prefillTps: median([base.prefill, again.prefill]),
    decodeTps,
    adapterPrefillTps: worn.prefill,
    adapterDecodeTps: worn.decode,
    adapterCost: decodeTps / worn.decode - 1,
    batches,
    switchMs,
    registry,
    heapBytes: options.heapBytes(),
  };
  return { device: device!, row };
}

/** First-token time of a one-token prompt after a change of adapter, less the same without a change. */
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

/** The bench's models and adapters exist only while they are read. */
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
