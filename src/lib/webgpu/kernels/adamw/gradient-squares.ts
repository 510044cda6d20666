// The first stage of the norm of an adapter's gradient: the sum of squares of each of its pages, in one layer. The
// last page may be cut short.

import { constants, defineKernel } from '../../kernel.ts';
import { readOptimizerTable, SCALE_ELEMENTS, tableConstants } from './optimizer-table.ts';
import source from './gradient-squares.wgsl?raw';
import tableSource from './optimizer-table.wgsl?raw';

export type GradientSquaresParams = {
  pageElements: number;
  /** Threads that share a page. */
  threads: number;
};

/** One group a page of the table. `first`: where the first square of the first layer is. */
export const encodeSquaresCall = (layer: number, first = 0): Uint32Array<ArrayBuffer> =>
  new Uint32Array([layer, first, 0, 0]);

export const gradientSquares = defineKernel<GradientSquaresParams>()({
  name: 'gradient-squares',
  bindings: { call: 'uniform', table: 'read', scales: 'read', grads: 'read', squares: 'write' },
  wgsl: ({ pageElements, threads }) =>
    [constants({ THREADS: threads, PAGE_VECTORS: pageElements / 4 }), tableConstants, source, tableSource].join('\n'),
  reference({ call, table, scales, grads, squares }, { pageElements }) {
    const { pages, pageAt } = readOptimizerTable(table);
    for (let entry = 0; entry < pages; entry++) {
      const first = pageAt(entry).page * pageElements;
      let sum = 0;
      for (let i = first; i < Math.min(first + pageElements, grads.f32.length); i++) {
        const scale = scales.f32[Math.floor(i / SCALE_ELEMENTS)]!;
        if (scale !== 0) sum += (scale * grads.f32[i]!) ** 2;
      }
      squares.f32[call.u32[1]! + call.u32[0]! * pages + entry] = sum;
    }
  },
});
