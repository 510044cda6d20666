// Measures training: tokens a second and memory, where the time goes, what packing and training together save, and whether memory of the
// process grows. Returns figures and prints nothing.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { targetsOf } from '#lib/engine/training/segments.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { measureMatrixRate } from './matrix-rate.ts';
import type { RandomShape } from './random-model.ts';
import {
  compareTogether,
  comparePacking,
  median,
  timed,
  watchHeap,
  type ComparisonOptions,
  type HeapRow,
  type PackingRow,
  type TogetherRow,
} from './train-comparisons.ts';
import { matrixOperations, recordingDevice, timeKernels, type KernelShare } from './train-kernels.ts';
import { measureTrainMemory, type TrainMemory } from './train-memory.ts';
import { createBenchTrainer, exampleOf, loadBenchBase } from './train-setup.ts';

export interface TrainBenchOptions extends ComparisonOptions {
  device: Device;
  shapes: RandomShape[];
  dtype: WeightDtype;
  /** Tokens of a pass. */
  rows: number;
  /** Steps for which the heap is watched; 0 leaves it out. */
  heapSteps: number;
  heapBytes(): number;
  signal?: AbortSignal | undefined;
}

export interface TrainBenchRow {
  shape: string;
  dtype: WeightDtype;
  rank: number;
  rows: number;
  tokensPerSecond: number;
  stepMs: number;
  /** CPU time of a step, over all threads. */
  cpuMs: number;
  memory: TrainMemory[];
  kernels: KernelShare[];
  /** Share of kernel time in products with weight matrices. */
  matrixShare: number;
  /** Kernels by themselves. What a step takes beyond is submits, writes and read-backs. */
  kernelMs: number;
  /** Operations a second of the engine's own product of a large matrix. */
  matrixRate: number;
  /** Operations a second in products of a whole step, as a share of it. */
  ofMatrixRate: number;
  packing: PackingRow[];
  together: TogetherRow[];
  heap: HeapRow | null;
}

export interface TrainBenchResult {
  device: Pick<Device, 'kind' | 'vendor' | 'architecture' | 'description' | 'software'>;
  rows: TrainBenchRow[];
}

const MEMORY_ROWS = [512, 1024, 2048];

/** @throws AbortedError, GpuMemoryError, GpuLostError */
export async function benchTraining(options: TrainBenchOptions): Promise<TrainBenchResult> {
  const { kind, vendor, architecture, description, software } = options.device;
  const rows: TrainBenchRow[] = [];
  for (const shape of options.shapes) rows.push(await benchShape(shape, options));
  return { device: { kind, vendor, architecture, description, software }, rows };
}

async function benchShape(shape: RandomShape, given: TrainBenchOptions): Promise<TrainBenchRow> {
  const { dtype, rank, rows, repetitions, now, heapSteps, heapBytes, signal } = given;
  const onProgress = (line: string) => {
    signal?.throwIfAborted();
    given.onProgress(`${shape.name} ${dtype}: ${line}`);
  };
  const options = { ...given, onProgress };
  const memory: TrainMemory[] = [];
  for (const tokens of MEMORY_ROWS) memory.push(await measureTrainMemory(shape, dtype, rank, tokens));
  onProgress(`memory of passes of ${MEMORY_ROWS.join(', ')} tokens is counted`);

  const device = recordingDevice(given.device);
  const base = await loadBenchBase(device, shape, dtype);
  try {
    const matrixRate = await measureMatrixRate(given.device, dtype, rows, now);
    onProgress(`a large product runs at ${(matrixRate / 1e9).toFixed(1)} GFLOP/s`);
    const trainer = await createBenchTrainer(base, shape, { count: 1, rank }, { rows, segments: 1, length: rows });
    const example = exampleOf(rows, shape.vocab, 0, 1);
    await trainer.step([[example]]);
    const steps: { ms: number; cpu: number }[] = [];
    for (let i = 0; i < repetitions; i++) {
      device.start();
      const step = await timed(options, () => trainer.step([[example]]));
      steps.push(step);
      onProgress(`step ${i + 1} of ${repetitions}: ${((rows * 1000) / step.ms).toFixed(1)} tokens/s`);
    }
    const stepMs = median(steps.map(({ ms }) => ms));
    const chunks = device.recorded.filter(({ binding }) => binding.program.kernel.name === 'cross-entropy').length;
    const operations = matrixOperations(device.recorded, { rows, outputs: targetsOf(example) / chunks });
    const times = await timeKernels(given.device, device.recorded, { repetitions, now });
    trainer.destroy();
    device.start();
    onProgress(`${(100 * times.matrixShare).toFixed(1)} % of the kernels' time in products with matrices`);
    return {
      ...{ shape: shape.name, dtype, rank, rows, stepMs, memory, matrixRate },
      tokensPerSecond: (rows * 1000) / stepMs,
      cpuMs: median(steps.map(({ cpu }) => cpu)),
      kernels: times.kernels,
      matrixShare: times.matrixShare,
      kernelMs: times.ms,
      ofMatrixRate: (operations * 1000) / stepMs / matrixRate,
      packing: await comparePacking({ ...base, device: given.device }, shape, options),
      together: await compareTogether({ ...base, device: given.device }, shape, options),
      heap:
        heapSteps > 0
          ? await watchHeap({ ...base, device: given.device }, shape, { ...options, steps: heapSteps, heapBytes })
          : null,
    };
  } finally {
    base.weights.destroy();
  }
}
