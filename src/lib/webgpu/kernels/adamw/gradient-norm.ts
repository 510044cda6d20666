// The second stage: the norm of each adapter's gradient over all layers and over its tables, and what follows from it. A norm that is no number skips the step;
// one above the clip shortens it. An adapter's sums run over its own pages only, so other adapters do not change its bits.

import { constants, defineKernel } from '../../kernel.ts';
import { ACTION, readOptimizerTable, RECORD, tableConstants } from './optimizer-table.ts';
import source from './gradient-norm.wgsl?raw';
import tableSource from './optimizer-table.wgsl?raw';

export type GradientNormParams = {
  layers: number;
  /** Threads that share an adapter. */
  threads: number;
};

/** Keeps a clipped gradient finite where its norm is zero, as torch does. */
const NORM_EPSILON = 1e-6;

/** One group an adapter of the table. */
export const gradientNorm = defineKernel<GradientNormParams>()({
  name: 'gradient-norm',
  bindings: { table: 'read', squares: 'read', records: 'write' },
  wgsl: ({ layers, threads }) =>
    [
      constants({ THREADS: threads, LAYERS: layers, NORM_EPSILON_F: NORM_EPSILON }),
      tableConstants,
      source,
      tableSource,
    ].join('\n'),
  reference({ table, squares, records: { u32, f32 } }, { layers }) {
    const { jobs, pages: all } = readOptimizerTable(table);
    jobs.forEach((of, job) => {
      const { applies, firstPage, pages, firstSquare, clip, scale, take1, take2 } = of;
      const at = job * RECORD.words;
      u32[at + RECORD.action] = ACTION.waited;
      if (!applies) return;
      let sum = 0;
      for (let layer = 0; layer < layers; layer++) {
        for (let page = 0; page < pages; page++) sum += squares.f32[layer * all + firstPage + page]!;
      }
      for (let i = 0; i < of.squares; i++) sum += squares.f32[firstSquare + i]!;
      const norm = Math.fround(scale * Math.sqrt(sum));
      f32[at + RECORD.norm] = Number.isFinite(norm) ? norm : Infinity;
      if (!Number.isFinite(norm)) {
        u32[at + RECORD.action] = ACTION.skipped;
        u32[at + RECORD.skipped]!++;
        return;
      }
      u32[at + RECORD.action] = ACTION.stepped;
      u32[at + RECORD.steps]!++;
      f32[at + RECORD.factor] = scale * (clip > 0 ? Math.min(1, clip / (norm + NORM_EPSILON)) : 1);
      // One minus a power of beta, from the one before: exact where the power is near one.
      f32[at + RECORD.correction1]! += take1 * (1 - f32[at + RECORD.correction1]!);
      f32[at + RECORD.correction2]! += take2 * (1 - f32[at + RECORD.correction2]!);
    });
  },
});
