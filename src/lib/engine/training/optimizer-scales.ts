// What the optimizer multiplies parameters by where they lie in the pool of a layer: 1 for A and magnitudes, alpha / rank for B, 0 where
// nothing learns.

import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { SCALE_ELEMENTS } from '#lib/webgpu/kernels/adamw/optimizer-table.ts';
import { roundRank, rowsPerPage } from '#lib/webgpu/step-state.ts';
import type { TrainedAdapter } from './training-set.ts';

export function optimizerScales(
  adapters: readonly Pick<TrainedAdapter, 'plan' | 'packed' | 'placement'>[],
  layer: number,
  { pages, step: { pageElements } }: Pick<DecoderSizes, 'pages' | 'step'>,
): Float32Array<ArrayBuffer> {
  const scales = new Float32Array((pages * pageElements) / SCALE_ELEMENTS);
  for (const { plan, packed, placement } of adapters) {
    const fill = (place: number, length: number, scale: number) => {
      const { page, element } = packed.places[place]!;
      const first = (placement.pages[page]! * pageElements + element) / SCALE_ELEMENTS;
      scales.fill(scale, first, first + Math.ceil(length / SCALE_ELEMENTS));
    };
    for (const matrix of plan.matrices.filter((one) => one.layer === layer)) {
      const { index, input, output } = matrix.target;
      const { first, rank } = packed.targets[index]!;
      for (let r = 0; r < matrix.rank; r++) fill(first + r, input, 1);
      if (matrix.magnitude) fill(first + rank, output, 1);
      const rows = rowsPerPage(rank, pageElements);
      for (let n = 0; n < output; n += rows)
        fill(first + rank + 1 + n / rows, Math.min(rows, output - n) * roundRank(rank), matrix.scale);
    }
  }
  return scales;
}
