// The optimizer over all layers and over tables beside them: what it holds on the device, and its step as dispatches. What a step does is in the kernels of `adamw`.

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

/** An embedding or a head beside the pool, which one job has. */
export interface OptimizerTable extends OptimizerLayer {
  job: number;
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

/** Of the pages that a table is cut into: few enough groups for the largest binding, and work for many threads. */
const TABLE_PAGE_ELEMENTS = 1 << 14;

const tablePages = ({ grads }: OptimizerLayer): number => Math.ceil(grads.bytes / 4 / TABLE_PAGE_ELEMENTS);

interface BoundTable {
  job: number;
  table: DeviceBuffer;
  pages: number;
  /** Its first sum of squares. */
  first: number;
  squares: Dispatch['binding'];
  step: Dispatch['binding'];
}

/** `tables`: those of one job stand together. */
export async function createOptimizer(
  device: Device,
  layers: readonly OptimizerLayer[],
  tables: readonly OptimizerTable[],
  { pageElements, mostJobs, mostPages }: OptimizerSizes,
): Promise<Optimizer> {
  const threads = optimizerThreads(device);
  const paged = { pageElements, threads };
  const pagedTable = { pageElements: TABLE_PAGE_ELEMENTS, threads };
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
  const squares = create(
    'squares of gradients',
    layers.length * mostPages + tables.reduce((sum, of) => sum + tablePages(of), 0),
  );
  const records = create('optimizer records', mostJobs * RECORD.words);
  const callOf = (words: Uint32Array<ArrayBuffer>) => {
    const call = create('squares call', words.length);
    device.write(call, 0, words);
    return call;
  };
  const bound = layers.map(({ scales, grads, pool, first, second }, layer) => ({
    squares: device.bind(squaring, { call: callOf(encodeSquaresCall(layer)), table, scales, grads, squares }),
    step: device.bind(stepping, { table, records, scales, pool, grads, first, second }),
  }));
  const beside: BoundTable[] = [];
  if (tables.length > 0) {
    const ofTables = await Promise.all([
      device.program(gradientSquares, pagedTable),
      device.program(adamw, pagedTable),
    ] as const);
    let at = layers.length * mostPages;
    for (const of of tables) {
      const { job, scales, grads, pool, first, second } = of;
      const pages = tablePages(of);
      const own = create('optimizer table', tableWords(mostJobs, pages));
      const call = callOf(encodeSquaresCall(0, at));
      beside.push({
        ...{ job, table: own, pages, first: at },
        squares: device.bind(ofTables[0], { call, table: own, scales, grads, squares }),
        step: device.bind(ofTables[1], { table: own, records, scales, pool, grads, first, second }),
      });
      at += pages;
    }
  }
  const norm = device.bind(norming, { table, squares, records });
  return {
    records,
    step(jobs) {
      const pages = pageCount(jobs);
      if (jobs.length > mostJobs || pages > mostPages) throw new RangeError(`${jobs.length} jobs, ${pages} pages`);
      const besides = jobs.map((_, job) => {
        const own = beside.filter((of) => of.job === job);
        return own.length > 0 ? { first: own[0]!.first, count: own.reduce((sum, of) => sum + of.pages, 0) } : undefined;
      });
      device.write(table, 0, encodeOptimizerTable(jobs.map((job, i) => ({ ...job, besides: besides[i] }))));
      for (const of of beside) {
        const pages = Array.from({ length: of.pages }, (_, page) => page);
        const own = jobs.map((job, i) => ({ ...job, pages: i === of.job ? pages : [] }));
        device.write(of.table, 0, encodeOptimizerTable(own));
      }
      return [
        ...bound.map((of): Dispatch => ({ binding: of.squares, groups: [pages, 1, 1] })),
        ...beside.map((of): Dispatch => ({ binding: of.squares, groups: [of.pages, 1, 1] })),
        { binding: norm, groups: [jobs.length, 1, 1] },
        ...bound.map((of): Dispatch => ({ binding: of.step, groups: adamwGroups(pages, paged) })),
        ...beside.map((of): Dispatch => ({ binding: of.step, groups: adamwGroups(of.pages, pagedTable) })),
      ];
    },
    destroy() {
      for (const buffer of own) buffer.destroy();
    },
  };
}
