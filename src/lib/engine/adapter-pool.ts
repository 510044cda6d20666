// The GPU side of adapters: pages in every layer's pool buffer, and the descriptor that points into them.
// It knows where things lie; who stays is decided in `adapter-residency.ts`.

import type { DecoderSizes } from '#lib/model/decoder/decoder-sizes.ts';
import { describeAdapter, type PackedAdapter } from '#lib/model/lora.ts';
import type { Transformer } from '#lib/model/decoder/transformer.ts';
import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { createPagePool, createWordArena } from './paging.ts';
import { UPLOAD_BYTES, type Turns } from './turns.ts';

export interface Placement {
  /** The same physical pages in every layer. */
  pages: number[];
  /** Word offset of the descriptor in the adapters region of the step state. */
  descriptor: number;
}

export interface AdapterPool {
  /** Pages of one layer. */
  readonly pages: number;
  readonly freePages: number;
  /** Over all layers. */
  readonly usedBytes: number;
  /** Takes room for the adapter; null, with nothing taken, when pages or descriptor words run short. */
  take(packed: PackedAdapter): Placement | null;
  /** Writes the adapter where room was taken for it, as fast as turns allow, while `isWanted`. */
  fill(packed: PackedAdapter, placement: Placement, isWanted: () => boolean): Promise<void>;
  free(placement: Placement): void;
}

export interface PieceOfBuffer {
  buffer: DeviceBuffer;
  at: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export function createAdapterPool(
  device: Device,
  transformer: Pick<Transformer, 'pools' | 'state'>,
  sizes: DecoderSizes,
  layers: number,
  turns: Turns,
): AdapterPool {
  const { pageBytes, step } = sizes;
  const pool = createPagePool(sizes.pages);
  const arena = createWordArena(step.adapterWords);
  const describe = (packed: PackedAdapter, pages: readonly number[]) => describeAdapter(packed, pages, layers, sizes);
  return {
    pages: pool.total,
    get freePages() {
      return pool.free;
    },
    get usedBytes() {
      return (pool.total - pool.free) * pageBytes * layers;
    },
    take(packed) {
      const pages = pool.take(packed.pages);
      if (!pages) return null;
      const descriptor = arena.take(describe(packed, pages).length);
      if (descriptor !== null) return { pages, descriptor };
      pool.give(pages);
      return null;
    },
    async fill(packed, { pages, descriptor }, isWanted) {
      const pieces = packed.slabs.flatMap((slab, layer) =>
        pages.map((page, i): PieceOfBuffer => {
          const bytes = slab.subarray(i * pageBytes, (i + 1) * pageBytes);
          return { buffer: transformer.pools[layer]!, at: page * pageBytes, bytes };
        }),
      );
      await writeInTurns(device, turns, pieces, isWanted);
      if (isWanted()) device.write(transformer.state, (step.adapters + descriptor) * 4, describe(packed, pages));
    },
    free({ pages, descriptor }) {
      pool.give(pages);
      arena.give(descriptor);
    },
  };
}

/** Writes the pieces in order, between two steps never more than UPLOAD_BYTES. */
export async function writeInTurns(
  device: Device,
  turns: Turns,
  pieces: readonly PieceOfBuffer[],
  isWanted = () => true,
): Promise<void> {
  for (const { buffer, at, bytes } of pieces) {
    for (let from = 0; from < bytes.byteLength; from += UPLOAD_BYTES) {
      const part = bytes.subarray(from, from + UPLOAD_BYTES);
      await turns.upload(part.byteLength, () => {
        if (isWanted()) device.write(buffer, at + from, part);
      });
      if (!isWanted()) return;
    }
  }
}
