// How much a model's answers change when its weights, or its keys and values, are kept in fewer bits: on texts that the model itself writes from f32 weights, each
// position's distribution of the next token is compared with that of f32. Prints nothing.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { createEngine } from '#lib/engine/create-engine.ts';
import type { CacheDtype, Engine, LoadRequest } from '#lib/engine/engine.ts';
import type { Host } from '#lib/engine/host.ts';

export interface QualityBenchOptions {
  host: Host;
  model: LoadRequest['model'];
  limits: 'best' | 'default';
  dtypes: readonly WeightDtype[];
  /** Each is measured with weights in f32. */
  caches: readonly CacheDtype[];
  /** How many positions are compared, at least. */
  positions: number;
  /** What the model continues; null: a token, another one for each text. */
  text: string | null;
  onProgress(line: string): void;
  signal?: AbortSignal;
}

export interface QualityRow {
  dtype: WeightDtype;
  /** Null: as the engine keeps it beside such weights. */
  cache: CacheDtype | null;
  weightBytes: number;
  /** Of keys and values. */
  cacheBytes: number;
  /** Mean KL divergence from f32, in nats. */
  kl: number;
  /** Share of positions whose most likely token is that of f32. */
  sameTop: number;
}

export interface QualityBenchResult {
  positions: number;
  rows: QualityRow[];
}

const TEXT_TOKENS = 64;

export async function benchQuality(options: QualityBenchOptions): Promise<QualityBenchResult> {
  const { dtypes, caches, onProgress } = options;
  const texts: number[][] = [];
  const expected: Float32Array[] = [];
  await withModel(options, { dtype: 'f32', cache: 'f32' }, async (engine, { vocab }) => {
    let positions = 0;
    for (let seed = 0; positions < options.positions; seed++) {
      const text = await writtenText(engine, options, seed, vocab);
      texts.push(text);
      positions += text.length;
      expected.push((await engine.logits(text)).data);
    }
  });
  const rows: QualityRow[] = [];
  const kinds: Kind[] = [
    ...dtypes.map((dtype) => ({ dtype, cache: null })),
    ...caches.map((cache) => ({ dtype: 'f32' as const, cache })),
  ];
  for (const kind of kinds) {
    await withModel(options, kind, async (engine, { vocab, weightBytes }) => {
      const compared: Compared = { positions: 0, kl: 0, same: 0 };
      for (const [i, text] of texts.entries()) {
        const { data } = await engine.logits(text);
        for (let at = 0; at < data.length; at += vocab)
          compare(compared, expected[i]!.subarray(at, at + vocab), data.subarray(at, at + vocab));
      }
      const { positions, kl, same } = compared;
      const cacheBytes = (await engine.stats()).gpuBytes.kv;
      rows.push({ ...kind, weightBytes, cacheBytes, kl: kl / positions, sameTop: same / positions });
      onProgress(`${kind.cache ? `cache ${kind.cache}` : kind.dtype}: ${positions} positions`);
    });
  }
  return { positions: texts.reduce((sum, { length }) => sum + length, 0), rows };
}

type Kind = Pick<QualityRow, 'dtype' | 'cache'>;

async function withModel(
  { host, model, limits, signal }: QualityBenchOptions,
  { dtype, cache }: Kind,
  use: (engine: Engine, info: { vocab: number; weightBytes: number }) => Promise<void>,
): Promise<void> {
  const engine = createEngine(host);
  try {
    const sizes = { contextLength: 2 * TEXT_TOKENS, maxSequences: 4 };
    const request: LoadRequest = { model, dtype, limits, ...sizes, ...(cache && { cache }) };
    for await (const event of engine.load(request, signal)) if (event.type === 'ready') await use(engine, event.model);
  } finally {
    await engine.dispose();
  }
}

async function writtenText(
  engine: Engine,
  { text, signal }: QualityBenchOptions,
  seed: number,
  vocab: number,
): Promise<number[]> {
  // Another token each time: the texts of one beginning are alike.
  const first = (seed * 31 + 1) % vocab;
  const request = {
    prompt: text === null ? { ids: [first] } : { text },
    maxTokens: TEXT_TOKENS,
    reusePrefix: false,
    sampling: { temperature: 1, seed },
  };
  let written: number[] = [];
  for await (const event of engine.generate(request, signal)) if (event.type === 'done') written = event.ids;
  return text === null || written.length === 0 ? [first, ...written] : written;
}

interface Compared {
  positions: number;
  kl: number;
  same: number;
}

function compare(sums: Compared, expected: Float32Array, actual: Float32Array): void {
  const [p, q] = [logSoftmax(expected), logSoftmax(actual)];
  let [topP, topQ] = [0, 0];
  p.forEach((value, i) => {
    sums.kl += Math.exp(value) * (value - q[i]!);
    if (value > p[topP]!) topP = i;
    if (q[i]! > q[topQ]!) topQ = i;
  });
  sums.positions++;
  if (topP === topQ) sums.same++;
}

function logSoftmax(row: Float32Array): Float64Array {
  const greatest = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = Math.log(row.reduce((sum, v) => sum + Math.exp(v - greatest), 0)) + greatest;
  return Float64Array.from(row, (v) => v - total);
}
