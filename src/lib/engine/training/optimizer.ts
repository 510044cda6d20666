// The optimizer over all layers: what it holds on the device, and its step as dispatches. What a step does is in the kernels of `adamw`.

import type { Device, DeviceBuffer, Dispatch } from '#lib/webgpu/device.ts';
import { adamw, adamwGroups, optimizerThreads } from '#lib/webgpu/kernels/adamw/adamw.ts';
import { gradientNorm } from '#lib/webgpu/kernels/adamw/gradient-norm.ts';
import { encodeSquaresCall, gradientSquares } from '#lib/webgpu/kernels/adamw/gradient-squares.ts';
import {
  encodeOptimizerTable,
  pageCount,
  RECORD,
  tableWords,
  type OptimizerJob,
} from '#lib/webgpu/kernels/adamw/optimizer-table.ts';

/** Buffers of one layer with the same pages: parameters, their gradients, their moments; and what a parameter there is multiplied by. */
export interface OptimizerLayer {
  pool: DeviceBuffer;
  grads: DeviceBuffer;
  first: DeviceBuffer;
  second: DeviceBuffer;
  scales: DeviceBuffer;
}

export interface OptimizerSizes {
  pageElements: number;
  mostJobs: number;
  /** Pages of one layer that all jobs have together. */
  mostPages: number;
}

export interface Optimizer {
  /** What became of each job; zero it where a place of the table is given to another adapter. */
  readonly records: DeviceBuffer;
  /** The next step of these jobs, to be submitted before the next call. Each keeps its place in the list. */
  step(jobs: readonly OptimizerJob[]): Dispatch[];
  destroy(): void;
}

export async function createOptimizer(
  device: Device,
  layers: readonly OptimizerLayer[],
  { pageElements, mostJobs, mostPages }: OptimizerSizes,
): Promise<Optimizer> {
  const threads = optimizerThreads(device);
  const paged = { pageElements, threads };
  const [squaring, norming, stepping] = await Promise.all([
    device.program(gradientSquares, paged),
    device.program(gradientNorm, { layers: layers.length, threads }),
    device.program(adamw, paged),
  ]);
  const own: DeviceBuffer[] = [];
  const create = (label: string, words: number) => {
    const buffer = device.createBuffer(label, words * 4);
    own.push(buffer);
    return buffer;
  };
  const table = create('optimizer table', tableWords(mostJobs, mostPages));
  const squares = create('squares of gradients', layers.length * mostPages);
  const records = create('optimizer records', mostJobs * RECORD.words);
  const bound = layers.map(({ scales, grads, pool, first, second }, layer) => {
    const words = encodeSquaresCall(layer);
    const call = create('squares call', words.length);
    device.write(call, 0, words);
    return {
      squares: device.bind(squaring, { call, table, scales, grads, squares }),
      step: device.bind(stepping, { table, records, scales, pool, grads, first, second }),
    };
  });
  const norm = device.bind(norming, { table, squares, records });
  return {
    records,
    step(jobs) {
      const pages = pageCount(jobs);
      if (jobs.length > mostJobs || pages > mostPages) throw new RangeError(`${jobs.length} jobs, ${pages} pages`);
      device.write(table, 0, encodeOptimizerTable(jobs));
      return [
        ...bound.map((of): Dispatch => ({ binding: of.squares, groups: [pages, 1, 1] })),
        { binding: norm, groups: [jobs.length, 1, 1] },
        ...bound.map((of): Dispatch => ({ binding: of.step, groups: adamwGroups(pages, paged) })),
      ];
    },
    destroy() {
      for (const buffer of own) buffer.destroy();
    },
  };
}
