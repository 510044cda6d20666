// Where the time of a training step goes: the dispatches of one step, recorded on their way to the device and run again kernel by kernel.
// Sums into gradients grow by that, so the trainer is of no use afterwards.

import { GROUP, type WeightDtype } from '#lib/core/tensor.ts';
import type { Device, Dispatch } from '#lib/webgpu/device.ts';
import { VECTORS_PER_GROUP } from '#lib/webgpu/matrix.ts';

export interface RecordingDevice extends Device {
  /** Since the last `start`. */
  readonly recorded: readonly Dispatch[];
  start(): void;
}

export function recordingDevice(device: Device): RecordingDevice {
  let recorded: Dispatch[] = [];
  const keep = (dispatches: readonly Dispatch[]) => {
    for (const dispatch of dispatches) recorded.push(dispatch);
  };
  return {
    ...device,
    get recorded() {
      return recorded;
    },
    start: () => {
      recorded = [];
    },
    submit(dispatches) {
      keep(dispatches);
      device.submit(dispatches);
    },
    submitAndRead(dispatches, source, bytes) {
      keep(dispatches);
      return device.submitAndRead(dispatches, source, bytes);
    },
  };
}

export interface KernelShare {
  kernel: string;
  dispatches: number;
  ms: number;
  share: number;
}

export interface KernelTimes {
  kernels: KernelShare[];
  /** Of products with weight matrices: forward, forward again, backward. */
  matrixShare: number;
  /** All kernels by themselves. */
  ms: number;
}

/** Kernels that read packed weights. */
export const MATRIX_KERNELS = ['linear', 'linear-backward'];

export async function timeKernels(
  device: Device,
  recorded: readonly Dispatch[],
  { repetitions, now }: { repetitions: number; now(): number },
): Promise<KernelTimes> {
  const groups = Map.groupBy(recorded, ({ binding }) => binding.program.kernel.name);
  const times = new Map<string, number[]>();
  // By turns, so that other load on the machine meets all kernels alike.
  for (let round = 0; round <= repetitions; round++) {
    for (const [name, dispatches] of groups) {
      const started = now();
      device.submit(dispatches);
      await device.settle();
      const all = times.get(name) ?? [];
      times.set(name, all);
      if (round > 0) all.push(now() - started);
    }
  }
  const kernels = [...groups].map(([kernel, dispatches]) => {
    const sorted = times.get(kernel)!.sort((a, b) => a - b);
    return { kernel, dispatches: dispatches.length, ms: sorted[sorted.length >> 1]! };
  });
  const ms = kernels.reduce((sum, one) => sum + one.ms, 0);
  const matrixMs = kernels.reduce((sum, one) => sum + (MATRIX_KERNELS.includes(one.kernel) ? one.ms : 0), 0);
  const shares = kernels.map((one) => ({ ...one, share: one.ms / ms })).sort((a, b) => b.ms - a.ms);
  return { kernels: shares, matrixShare: matrixMs / ms, ms };
}

/** Multiplications and additions of the products with weight matrices, at `rows` rows of the step and `outputs` of the head. */
export function matrixOperations(
  recorded: readonly Dispatch[],
  { rows, outputs }: { rows: number; outputs: number },
): number {
  return recorded.reduce((sum, { binding: { program, buffers } }) => {
    if (!MATRIX_KERNELS.includes(program.kernel.name)) return sum;
    const weights = buffers['weights']!;
    const elements = (weights.bytes / 16 / VECTORS_PER_GROUP[program.params['dtype'] as WeightDtype]) * GROUP;
    const isHead = Object.values(buffers).some(({ label }) => label === 'logits');
    return sum + 2 * elements * (isHead ? outputs : rows);
  }, 0);
}
