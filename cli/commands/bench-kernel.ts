// `payable bench kernel NAME`: measures one kernel by itself.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { createGpuDevice } from '#lib/webgpu/gpu-device.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { openGpu } from '#node/gpu.ts';
import { BENCHED_KERNELS, benchKernel, type KernelBenchRow } from '../../bench/kernel-bench.ts';
import type { RandomShape } from '../../bench/random-model.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { UsageError } from '../errors.ts';
import * as option from '../option-values.ts';

export async function runKernelBench(
  values: OptionValues,
  { words, write, signal }: CommandContext,
  shapes: RandomShape[],
  dtype: WeightDtype,
): Promise<void> {
  const name = words[1];
  if (name === undefined) return write(`${BENCHED_KERNELS.join('\n')}\n`);
  if (!BENCHED_KERNELS.includes(name))
    throw new UsageError(
      `"${name.slice(0, 40)}" is not a kernel that can be measured.`,
      `Choose ${BENCHED_KERNELS.join(', ')}.`,
    );
  const gpu = await openGpu();
  const limits = option.oneOf(values, 'limits', ['best', 'default'], 'best');
  const device = gpu ? await createGpuDevice(gpu, { limits }) : createReferenceDevice();
  try {
    const rows = await benchKernel({
      ...{ device, name, shapes, dtype, signal },
      rows: option.whole(values, 'rows', 1, 1024) ?? 1,
      dispatches: gpu ? 20 : 1,
      repetitions: option.whole(values, 'repeat', 1, 99) ?? 3,
      now: () => performance.now(),
    });
    const { kind, vendor, architecture, description, software } = device;
    const measured = { kind, vendor, architecture, description, software };
    const title = [kind, vendor, architecture, description, software ? '(software)' : ''].filter(Boolean).join(' ');
    write(
      values['json'] === true ? `${JSON.stringify({ device: measured, kernel: name, rows })}\n` : table(title, rows),
    );
  } finally {
    device.dispose();
  }
}

function table(device: string, rows: KernelBenchRow[]): string {
  const fixed = (value: number) => value.toFixed(2).padStart(10);
  const lines = rows.map((row) =>
    [
      `${row.shape} ${row.what}`.padEnd(34),
      fixed(row.microseconds),
      fixed(row.bytesMoved / 1e6),
      fixed(row.gigabytesPerSecond),
      row.gigaflops === null ? '-'.padStart(10) : fixed(row.gigaflops),
    ].join(' '),
  );
  const head = `${'shape'.padEnd(34)} ${['us', 'MB', 'GB/s', 'GFLOP/s'].map((word) => word.padStart(10)).join(' ')}`;
  return [`device: ${device}`, head, ...lines, ''].join('\n');
}
