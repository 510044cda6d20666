// Where gradients of single examples lie: each has pages of its own in the buffers of gradients, and a descriptor that points there. A
// place is as large as the largest adapter's gradient, and each pass uses the places from the first on again.

import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { describeAdapter, type PackedAdapter } from '#lib/model/lora.ts';
import { stepLayout } from '#lib/webgpu/step-state.ts';

export interface GradientPlaces {
  /** How many there are. */
  readonly count: number;
  /** Of all, in each layer. */
  readonly pages: number;
  /** Sizes with room for their descriptors. */
  readonly sizes: DecoderSizes;
  at(place: number): { descriptor: number; pages: number[] };
  /** The words of a descriptor for the gradient of an adapter in a place. */
  describe(place: number, packed: PackedAdapter): Uint32Array<ArrayBuffer>;
}

/** Gradients of all layers that are in memory together, unless one alone takes more. */
const MOST_BYTES = 256 << 20;

export function gradientPlaces(
  adapters: readonly PackedAdapter[],
  sizes: DecoderSizes,
  layers: number,
  { maxBindingBytes, mostPlaces }: { maxBindingBytes: number; mostPlaces: number },
): GradientPlaces {
  const { pageBytes, step } = sizes;
  const pagesOfPlace = Math.max(...adapters.map(({ pages }) => pages));
  const layerBytes = Math.min(maxBindingBytes, MOST_BYTES / layers);
  const count = Math.min(
    mostPlaces,
    sizes.maxSequences,
    Math.max(1, Math.floor(layerBytes / (pagesOfPlace * pageBytes))),
  );
  const pagesAt = (place: number) => Array.from({ length: pagesOfPlace }, (_, i) => place * pagesOfPlace + i);
  const describe = (place: number, packed: PackedAdapter) => describeAdapter(packed, pagesAt(place), layers, sizes);
  const words = Math.max(...adapters.map((packed) => describe(0, packed).length));
  return {
    ...{ count, describe, pages: count * pagesOfPlace },
    sizes: { ...sizes, step: stepLayout({ ...step, adapterWords: step.adapterWords + count * words }) },
    at: (place) => ({ descriptor: step.adapterWords + place * words, pages: pagesAt(place) }),
  };
}
