// The GPU side of adapters: pages in every layer's pool buffer, and the descriptor that points into them.
// It knows where things lie; who stays is decided in `adapters.ts`.

import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { describeAdapter, type PackedAdapter } from '#lib/model/lora.ts';
import type { Transformer } from '#lib/model/decoder/transformer.ts';
import type { Device } from '#lib/webgpu/device.ts';
import { createPagePool, createWordArena } from './paging.ts';

export interface Placement {
  /** The same physical pages in every layer. */
  pages: number[];
  /** Word offset of the descriptor in the adapters region of the step state. */
  descriptor: number;
}

export interface AdapterPool {
  /** Pages of one layer. */
  readonly pages: number;
  /** Over all layers. */
  readonly usedBytes: number;
  /** Uploads the adapter; null, with nothing taken, when pages or descriptor words run short. */
  place(packed: PackedAdapter): Placement | null;
  free(placement: Placement): void;
}

export function createAdapterPool(
  device: Device,
  transformer: Pick<Transformer, 'pools' | 'state'>,
  sizes: DecoderSizes,
  layers: number,
): AdapterPool {
  const { pageBytes, step } = sizes;
  const pool = createPagePool(sizes.pages);
  const arena = createWordArena(step.adapterWords);
  return {
    pages: pool.total,
    get usedBytes() {
      return (pool.total - pool.free) * pageBytes * layers;
    },
    place(packed) {
      const pages = pool.take(packed.pages);
      if (!pages) return null;
      const words = describeAdapter(packed, pages, layers, sizes);
      const descriptor = arena.take(words.length);
      if (descriptor === null) {
        pool.give(pages);
        return null;
      }
      packed.slabs.forEach((slab, layer) => {
        pages.forEach((page, i) => {
          const content = slab.subarray(i * pageBytes, (i + 1) * pageBytes);
          device.write(transformer.pools[layer]!, page * pageBytes, content);
        });
      });
      device.write(transformer.state, (step.adapters + descriptor) * 4, words);
      return { pages, descriptor };
    },
    free({ pages, descriptor }) {
      pool.give(pages);
      arena.give(descriptor);
    },
  };
}
