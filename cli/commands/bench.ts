// `payable bench`: measures the engine on this machine and stores the figures, or measures its kernels, or the quality of few bits.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { WeightDtype } from '#lib/core/tensor.ts';
import type { CacheDtype } from '#lib/engine/engine.ts';
import { benchEngine, type BenchRow, type EngineBenchResult } from '../../bench/engine-bench.ts';
import { B1, B8, NANO, S135 } from '../../bench/random-model.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { createNodeHost } from '#node/host.ts';
import { runAttributionBench } from './bench-attribution.ts';
import { runInvocationBench } from './bench-invocation.ts';
import { runKernelBench } from './bench-kernel.ts';
import { runPeersBench } from './bench-peers.ts';
import { runQualityBench } from './bench-quality.ts';
import { runTrainBench } from './bench-train.ts';
import * as option from '../option-values.ts';

const DTYPES: string[] = ['f32', 'f16', 'q8', 'q4'];
const CACHES: string[] = ['f32', 'f16', 'i8'];
const SHAPES = { nano: NANO, s135: S135, '1b': B1, '8b': B8 };

export const bench: Command = {
  summary: 'measure the engine on this machine',
  help: `payable bench engine [--shapes nano,s135,1b,8b] [--dtypes f32,q8,q4] [--out FILE.json] [--json]
payable bench kernel [NAME] [--shapes nano,s135] [--dtypes q4] [--rows N] [--depth N] [--rank N] [--repeat N] [--json]
payable bench quality --model DIR [--dtypes f16,q8,q4] [--caches f16,i8] [--text TEXT] [--positions N] [--json]
payable bench invocation [--shapes nano] [--dtypes q8] [--prompt 1000] [--repeat 3] [--json]
payable bench train [--shapes nano,s135] [--dtypes f32] [--rank N] [--rows N] [--heap N] [--repeat N] [--out FILE.json] [--json]
payable bench peers [--app URL] [--browser PATH] [--software] [--model FILE.gguf] [--dtypes f16] [--depth N] [--golden]
                    [--out FILE.json] [--json]
payable bench attribution [--model nano] [--tokens N] [--out FILE.json] [--json]

The second measures each kernel of a decode step by itself, or the one that is named. It takes one of --dtypes. The third lets the model write
texts from f32 weights and compares, position by position, what it says of the next token with fewer bits: KL divergence, and the share
of positions with the same most likely token. The fourth measures how long a conversation takes to the first token after a switch to an
adapter that begins at an invocation (aLoRA), and to a plain one. The fifth trains random adapters: tokens/s, memory, time by kernel, packed
against padded examples, adapters together against one by one, the heap over many steps. The sixth measures the own engine and wllama side by side in a browser,
on the same weights, with the page "Compare on this device" of an app that runs (npm start). --software uses the browser's software GPU;
--golden compares the answers with those of the plain TypeScript kernels. The seventh traces the answers to the questions that come with a
model: is the row with the asked fact first? It also measures an index of --tokens words of made text (default 4194304; 0: none).

Random weights of the given shapes: load, prefill, decode, the price of one rank-16 adapter, batches with one and many
adapters, adapter switches, speculation, memory. Compare ratios of one run, not figures of two.

  --shapes LIST      nano, s135, 1b, 8b (default nano,s135)
  --dtypes LIST      f32, f16, q8, q4 (default f32,q8,q4)
  --caches LIST      quality: f32, f16, i8, each beside weights in f32 (default f16,i8)
  --batches LIST     sequences at once (default 1,8,32)
  --prompt N         prompt tokens (default 64; invocation: 1000)
  --tokens N         new tokens (default 32)
  --repeat N         runs a figure is the median of (default 3)
  --rows N           kernels: sequences of the step (default 1); train: tokens of a pass (default 256)
  --heap N           train: steps for which the heap is watched (default 500)
  --depth N          kernels: tokens of each sequence before the step (default 128); peers: the deepest context, of 128, 1024
                     and 4096 (default 1024)
  --rank N           kernels: rank of an adapter on every projection, 0 for none (default 0); train: of each adapter (default 8)
  --model DIR        quality: a model directory, a GGUF file, "nano" or hub:OWNER/NAME; peers: a GGUF file
  --text TEXT        quality: what the model continues (default: one token, another for each text)
  --positions N      quality: positions to compare, at least (default 256)
  --registered N     adapters to register beside the one in use (default 0)
  --limits best|default
  --out FILE.json    store the result there
  --json             print the result as one JSON object`,
  options: {
    shapes: { type: 'string' },
    dtypes: { type: 'string' },
    batches: { type: 'string' },
    prompt: { type: 'string' },
    tokens: { type: 'string' },
    repeat: { type: 'string' },
    rows: { type: 'string' },
    depth: { type: 'string' },
    rank: { type: 'string' },
    heap: { type: 'string' },
    caches: { type: 'string' },
    model: { type: 'string' },
    text: { type: 'string' },
    positions: { type: 'string' },
    registered: { type: 'string' },
    limits: { type: 'string' },
    app: { type: 'string' },
    browser: { type: 'string' },
    software: { type: 'boolean' },
    golden: { type: 'boolean' },
    out: { type: 'string' },
    json: { type: 'boolean' },
  },
  words: 2,
  async run(values, context) {
    const { words, write, signal } = context;
    const [what = '', more] = words;
    if (
      !['engine', 'kernel', 'quality', 'invocation', 'train', 'peers', 'attribution'].includes(what) ||
      (what !== 'kernel' && more !== undefined)
    )
      throw new UsageError(
        'bench measures the engine, its kernels, the quality of few bits, switches at an invocation, training, the engine beside its peers, or evidence.',
        'Say: payable bench engine, payable bench kernel, payable bench quality, payable bench invocation, payable bench train, payable bench peers, or payable bench attribution.',
      );
    if (what === 'attribution') return runAttributionBench(values, context);
    if (what === 'peers') return runPeersBench(values, context);
    if (what === 'quality')
      return runQualityBench(
        values,
        context,
        listOf(values['dtypes'], DTYPES, 'f16,q8,q4') as WeightDtype[],
        listOf(values['caches'], CACHES, 'f16,i8') as CacheDtype[],
      );
    const json = values['json'] === true;
    const shapes = listOf(values['shapes'], Object.keys(SHAPES), 'nano,s135').map((name) => SHAPES[name as 'nano']);
    const dtypes = listOf(values['dtypes'], DTYPES, 'f32,q8,q4') as WeightDtype[];
    if (what === 'kernel' && values['dtypes'] && dtypes.length > 1)
      throw new UsageError('Kernels are measured with one of --dtypes.', 'Run it once for each.');
    if (what === 'kernel') return runKernelBench(values, context, shapes, values['dtypes'] ? dtypes[0]! : 'q4');
    if (what === 'invocation')
      return runInvocationBench(values, context, shapes[0]!, values['dtypes'] ? dtypes[0]! : 'q8');
    if (what === 'train') return runTrainBench(values, context, shapes, values['dtypes'] ? dtypes[0]! : 'f32');
    const batches = listOf(values['batches'], ['1', '2', '4', '8', '16', '32'], '1,8,32').map(Number);
    if (!batches.includes(1)) batches.unshift(1);
    const result = await benchEngine({
      host: await createNodeHost('auto'),
      shapes,
      dtypes,
      batches,
      promptTokens: option.whole(values, 'prompt', 2, 1024) ?? 64,
      newTokens: option.whole(values, 'tokens', 2, 512) ?? 32,
      repetitions: option.whole(values, 'repeat', 1, 99) ?? 3,
      registered: option.whole(values, 'registered', 0, 100_000) ?? 0,
      limits: option.oneOf(values, 'limits', ['best', 'default'], 'best'),
      heapBytes: () => process.memoryUsage().heapUsed,
      onProgress: (line) => {
        if (!json) write(`${line}\n`);
      },
      signal,
    });
    const out = values['out'];
    if (typeof out === 'string') {
      mkdirSync(dirname(out), { recursive: true });
      writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
    }
    write(json ? `${JSON.stringify(result)}\n` : table(result));
  },
};

function listOf(value: unknown, known: string[], fallback: string): string[] {
  const list = (typeof value === 'string' ? value : fallback).split(',');
  const strange = list.find((word) => !known.includes(word));
  if (strange === undefined) return list;
  throw new UsageError(`"${strange.slice(0, 40)}" is not one of ${known.join(', ')}.`, 'Separate them by commas.');
}

function table({ device, rows }: EngineBenchResult): string {
  const name = [device.vendor, device.architecture, device.description].filter(Boolean).join(' ');
  const fixed = (value: number, digits = 1) => value.toFixed(digits).padStart(9);
  const line = (row: BenchRow) =>
    [
      `${row.shape} ${row.dtype}`.padEnd(10),
      fixed(row.loadMs, 0),
      fixed(row.prefillTps),
      fixed(row.decodeTps),
      fixed(row.adapterDecodeTps),
      `${(row.adapterCost * 100).toFixed(1)} %`.padStart(9),
      fixed(row.switchMs.fromRam),
      fixed(row.heapBytes / 2 ** 20),
    ].join(' ');
  const head = 'model        load ms   prefill    decode  +adapter      cost  from RAM  heap MiB';
  const batchLines = rows.flatMap((row) =>
    row.batches.map(
      ({ batch, adapters, decodeTps, timesBatch1 }) =>
        `${row.shape} ${row.dtype}: batch ${batch}, ${adapters} adapters: ${decodeTps.toFixed(1)} tokens/s, ${timesBatch1.toFixed(2)} times batch 1`,
    ),
  );
  const speculationLines = rows.map(
    ({ shape, dtype, speculation: { times, proposedTokens, acceptedTokens, newTokens } }) => {
      const spread = `${times.median.toFixed(2)} times one token a step (${times.least.toFixed(2)} to ${times.greatest.toFixed(2)})`;
      return `${shape} ${dtype}: speculation on an answer of ${newTokens} tokens that loops: ${spread}, ${acceptedTokens} of ${proposedTokens} proposed tokens were right`;
    },
  );
  return [`device: ${name}`, head, ...rows.map(line), ...batchLines, ...speculationLines, ''].join('\n');
}
