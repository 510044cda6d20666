// `payable bench kernel [NAME]`: measures each kernel of a decode step by itself.

import type { WeightDtype } from '#lib/core/tensor.ts';
import { createGpuDevice } from '#lib/webgpu/gpu-device.ts';
import { createReferenceDevice } from '#lib/webgpu/reference-device.ts';
import { openGpu } from '#node/gpu.ts';
import { benchKernels, type KernelBenchRow } from '../../bench/kernel-bench.ts';
import type { RandomShape } from '../../bench/random-model.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import * as option from '../option-values.ts';

export async function runKernelBench(
  values: OptionValues,
  { words, write, signal }: CommandContext,
  shapes: RandomShape[],
  dtype: WeightDtype,
): Promise<void> {
  const gpu = await openGpu();
  const limits = option.oneOf(values, 'limits', ['best', 'default'], 'best');
  const device = gpu ? await createGpuDevice(gpu, { limits }) : createReferenceDevice();
  try {
    const results: { shape: string; rows: KernelBenchRow[] }[] = [];
    for (const shape of shapes) {
      const rows = await benchKernels({
        ...{ device, shape, dtype, signal },
        rows: option.whole(values, 'rows', 1, 128) ?? 1,
        depth: option.whole(values, 'depth', 0, 65_536) ?? 128,
        rank: option.whole(values, 'rank', 0, 256) ?? 0,
        only: words[1],
        dispatches: gpu ? 20 : 1,
        repetitions: option.whole(values, 'repeat', 1, 99) ?? 3,
        now: () => performance.now(),
      });
      results.push({ shape: shape.name, rows });
    }
    const { kind, vendor, architecture, description, software } = device;
    const measured = { kind, vendor, architecture, description, software };
    const title = [kind, vendor, architecture, description, software ? '(software)' : ''].filter(Boolean).join(' ');
    write(values['json'] === true ? `${JSON.stringify({ device: measured, results })}\n` : table(title, results));
  } finally {
    device.dispose();
  }
}

function table(device: string, results: { shape: string; rows: KernelBenchRow[] }[]): string {
  const head = ['us', 'of them', 'MB', 'GB/s', 'GFLOP/s', 'share'].map((word) => word.padStart(9)).join(' ');
  const lines = results.flatMap(({ shape, rows }) =>
    rows.map((row) => {
      const fixed = (value: number | null) => (value === null ? '-' : value.toFixed(2)).padStart(9);
      return [
        `${shape} ${row.kernel} ${row.matrix}`.trimEnd().padEnd(26),
        fixed(row.microseconds),
        String(row.dispatches).padStart(9),
        ...[row.bytesMoved / 1e6, row.gigabytesPerSecond, row.gigaflops].map(fixed),
        `${(100 * row.share).toFixed(1)} %`.padStart(9),
      ].join(' ');
    }),
  );
  return [`device: ${device}`, `${'kernel'.padEnd(26)} ${head}`, ...lines, ''].join('\n');
}
