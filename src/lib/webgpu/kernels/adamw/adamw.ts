// AdamW over the pages of all adapters that learn, in one layer: the pool that the forward pass reads takes the step itself. The gradient is
// zeroed where its adapter stepped or skipped. The last page of a buffer may be cut short.

import type { Device } from '../../device.ts';
import { constants, defineKernel, type Groups } from '../../kernel.ts';
import { ACTION, readOptimizerTable, RECORD, SCALE_ELEMENTS, tableConstants } from './optimizer-table.ts';
import source from './adamw.wgsl?raw';
import tableSource from './optimizer-table.wgsl?raw';

/**
 * `scales` has a number for each 32 elements of the pool: what a parameter is multiplied by where it lies there, so alpha / rank for B and 1
 * for A. The step is the one of the parameter itself. 0: nothing there learns.
 */
export type AdamwParams = { pageElements: number; threads: number };

/** Threads of the optimizer's kernels. */
export const optimizerThreads = ({ software }: Pick<Device, 'software'>): number => (software ? 8 : 64);

/** `pages` of the table. */
export const adamwGroups = (pages: number, { pageElements, threads }: AdamwParams): Groups => [
  Math.ceil(pageElements / 4 / threads),
  pages,
  1,
];

export const adamw = defineKernel<AdamwParams>()({
  name: 'adamw',
  bindings: {
    table: 'read',
    records: 'read',
    scales: 'read',
    pool: 'write',
    grads: 'write',
    first: 'write',
    second: 'write',
  },
  wgsl: ({ pageElements, threads }) =>
    [constants({ THREADS: threads, PAGE_VECTORS: pageElements / 4 }), tableConstants, source, tableSource].join('\n'),
  reference({ table, records, scales, pool, grads, first, second }, { pageElements }) {
    const { jobs, pages, pageAt } = readOptimizerTable(table);
    for (let entry = 0; entry < pages; entry++) {
      const { page, job } = pageAt(entry);
      const { rate, kept, epsilon, keep1, take1, keep2, take2 } = jobs[job]!;
      const number = (word: number) => records.f32[job * RECORD.words + word]!;
      const action = records.u32[job * RECORD.words + RECORD.action];
      if (action === ACTION.waited) continue;
      for (let i = page * pageElements; i < Math.min((page + 1) * pageElements, grads.f32.length); i++) {
        const scale = scales.f32[Math.floor(i / SCALE_ELEMENTS)]!;
        const gradient = number(RECORD.factor) * scale * grads.f32[i]!;
        grads.f32[i] = 0;
        if (action === ACTION.skipped || scale === 0) continue;
        first.f32[i] = keep1 * first.f32[i]! + take1 * gradient;
        second.f32[i] = keep2 * second.f32[i]! + take2 * gradient * gradient;
        const step = first.f32[i]! / number(RECORD.correction1);
        const spread = Math.sqrt(second.f32[i]! / number(RECORD.correction2)) + epsilon;
        pool.f32[i] = kept * pool.f32[i]! - scale * rate * (step / spread);
      }
    }
  },
});
