// The plain twin of `unfold-gains` over a copy of the pages of an adapter: B times alpha / rank and magnitudes, from what the forward pass
// reads. The pages on the device keep their bits.

import type { AdaptedMatrix } from '#lib/formats/model/adapter-module.ts';
import type { PackedAdapter } from '#lib/model/lora.ts';
import { roundRank, rowsPerPage } from '#lib/webgpu/step-state.ts';

/** `slab`: the pages of the matrix's layer, one behind the other. */
export function unfoldSlab(
  slab: Float32Array,
  { places, targets }: Pick<PackedAdapter, 'places' | 'targets'>,
  pageElements: number,
  { target: { index, output } }: Pick<AdaptedMatrix, 'target'>,
  norms: Float32Array,
): void {
  const { first, rank } = targets[index]!;
  const at = (place: number) => places[place]!.page * pageElements + places[place]!.element;
  const gains = at(first + rank);
  const width = roundRank(rank);
  const rows = rowsPerPage(rank, pageElements);
  for (let n = 0; n < output; n++) {
    const gain = Math.fround(1 + slab[gains + n]!);
    const row = at(first + rank + 1 + Math.floor(n / rows)) + (n % rows) * width;
    for (let r = row; r < row + width; r++) slab[r] = gain === 0 ? 0 : slab[r]! / gain;
    slab[gains + n] = gain * norms[n]!;
  }
}
