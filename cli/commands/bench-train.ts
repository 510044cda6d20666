// `payable bench train`: how fast adapters train on this machine, where the time goes and what it takes of memory.

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { WeightDtype } from '#lib/core/tensor.ts';
import { createGpuDevice } from '#lib/webgpu/gpu-device.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { openGpu } from '#node/gpu.ts';
import type { RandomShape } from '../../bench/random-model.ts';
import { benchTraining, type TrainBenchRow } from '../../bench/train-bench.ts';
import type { TrainMemory } from '../../bench/train-memory.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import * as option from '../option-values.ts';

export async function runTrainBench(
  values: OptionValues,
  { write, signal }: CommandContext,
  shapes: RandomShape[],
  dtype: WeightDtype,
): Promise<void> {
  const json = values['json'] === true;
  const gpu = await openGpu();
  const limits = option.oneOf(values, 'limits', ['best', 'default'], 'best');
  const device = gpu ? await createGpuDevice(gpu, { limits }) : createReferenceDevice();
  try {
    const measured = await benchTraining({
      ...{ device, shapes, dtype, signal },
      rank: option.whole(values, 'rank', 1, 64) ?? 8,
      rows: option.whole(values, 'rows', 16, 2048) ?? 256,
      repetitions: option.whole(values, 'repeat', 1, 99) ?? 3,
      heapSteps: option.whole(values, 'heap', 0, 100_000) ?? 500,
      now: () => performance.now(),
      cpuMs: () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000,
      heapBytes,
      onProgress: (line) => {
        if (!json) write(`${line}\n`);
      },
    });
    // Other work on the machine slows all figures but ratios.
    const machine = { cpus: cpus().length, node: process.version, load: loadavg()[0] };
    const result = { machine, ...measured };
    const out = values['out'];
    if (typeof out === 'string') {
      mkdirSync(dirname(out), { recursive: true });
      writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
    }
    write(json ? `${JSON.stringify(result)}\n` : `${measured.rows.map(table).join('\n')}\n`);
  } finally {
    device.dispose();
  }
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function table(row: TrainBenchRow): string {
  const name = `${row.shape} ${row.dtype}`;
  const kernels = row.kernels.slice(0, 12).map(({ kernel, dispatches, ms, share }) => {
    return `  ${kernel.padEnd(26)} ${String(dispatches).padStart(5)} ${ms.toFixed(1).padStart(9)} ms ${percent(share).padStart(8)}`;
  });
  return [
    `${name}: ${row.tokensPerSecond.toFixed(1)} tokens/s, a step of ${row.rows} tokens and rank ${row.rank} takes ${row.stepMs.toFixed(0)} ms, its kernels ${row.kernelMs.toFixed(0)} ms`,
    `${name}: products with matrices take ${percent(row.matrixShare)} of the kernels' time and run, over the whole step, at ${percent(row.ofMatrixRate)} of ${(row.matrixRate / 1e9).toFixed(1)} GFLOP/s`,
    ...kernels,
    ...row.memory.map((memory) => `${name}: ${memoryLine(memory)}`),
    ...row.packing.map(
      (one) =>
        `${name}: packed ${spread(one)} as many samples/s as padded to ${one.paddedTo} (${one.examples} examples of ${one.meanTokens.toFixed(0)} tokens)`,
    ),
    ...row.together.map(
      (one) =>
        `${name}: ${one.adapters} adapters of ${one.tokensEach.toFixed(0)} tokens together ${spread(one)} as fast as in turn`,
    ),
    ...(row.heap
      ? [`${name}: heap ${mib(row.heap.bytesBefore)}, after ${row.heap.steps} steps ${mib(row.heap.bytesAfter)}`]
      : []),
  ].join('\n');
}

const memoryLine = ({
  rows,
  weights,
  adapters,
  activations,
  logits,
  other,
  total,
  plain,
  saved,
}: TrainMemory): string =>
  `${rows} tokens: ${mib(total)} = weights ${mib(weights)}, adapters ${mib(adapters)}, activations ${mib(activations)}, logits ${mib(logits)}, other ${mib(other)}; ` +
  `everything kept: activations ${mib(plain.activations)}, logits ${mib(plain.logits)}; saved ${percent(saved)} of both`;

const spread = ({
  times,
  least,
  greatest,
  cpuTimes,
}: {
  times: number;
  least: number;
  greatest: number;
  cpuTimes: number;
}) => `${times.toFixed(2)} times (${least.toFixed(2)} to ${greatest.toFixed(2)}; by CPU time ${cpuTimes.toFixed(2)})`;
