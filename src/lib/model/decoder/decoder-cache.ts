// What a decoder keeps from step to step: the step state, keys and values, pages of adapters, token counts, rotations.
// Sizes only; which kernel reads which buffer is in the blocks.

import type { BufferPart, Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { ELEMENT_BYTES } from '#lib/webgpu/element.ts';
import { BLOCK_TOKENS } from '#lib/webgpu/step-state.ts';
import type { Architecture } from '../architecture.ts';
import { cachedElements } from '../cached-elements.ts';
import type { DecoderSizes } from './decoder-sizes.ts';
import { createRopeAngles, type RopeAngles } from './rope-angles.ts';

export interface DecoderCache {
  /** Rows, sequences, block tables and adapter descriptors of the step. */
  readonly state: DeviceBuffer;
  /** How often each sequence saw each token. */
  readonly counts: DeviceBuffer;
  /** By layer: keys, then values; or what its convolution reads of each token. Layers that share keys share a buffer. */
  readonly kv: readonly DeviceBuffer[];
  /** By layer: pages of adapters. */
  readonly pools: readonly DeviceBuffer[];
  readonly angles: RopeAngles;
  /** By layer: pairs of elements before the values in its keys and values. */
  readonly valuesAt: readonly number[];
  readonly kvBytes: number;
  readonly poolBytes: number;
  /** Where what is cached of a block of tokens lies: for each layer its keys, then its values. */
  blockParts(block: number): BufferPart[];
  destroy(): void;
}

export function createDecoderCache(device: Device, a: Architecture, sizes: DecoderSizes): DecoderCache {
  const elements = cachedElements(a);
  /** Keys and values are two halves of a buffer. */
  const halves = a.plan.map(({ mixer }) => (mixer === 'convolution' ? 1 : 2));
  const bytesOf = (layer: number) => sizes.kvBlocks * BLOCK_TOKENS * elements[layer]! * ELEMENT_BYTES[sizes.kvDtype];
  const poolBytes = sizes.pages * sizes.pageBytes;
  const state = device.createBuffer('step state', sizes.step.words * 4);
  const counts = device.createBuffer('token counts', sizes.maxSequences * a.vocab * 4);
  const kv: DeviceBuffer[] = [];
  for (const [i, { keysOf }] of a.plan.entries())
    kv.push(keysOf === undefined ? device.createBuffer(`layer ${i} cache`, bytesOf(i)) : kv[keysOf]!);
  const pools = a.plan.map((_, i) => device.createBuffer(`layer ${i} adapters`, poolBytes));
  const angles = createRopeAngles(device, a, sizes.contextLength);
  return {
    state,
    counts,
    kv,
    pools,
    angles,
    valuesAt: a.plan.map(({ keysOf }, i) => (sizes.kvBlocks * BLOCK_TOKENS * elements[keysOf ?? i]!) / 4),
    kvBytes: [...new Set(kv)].reduce((sum, { bytes }) => sum + bytes, 0),
    poolBytes: poolBytes * a.layers,
    blockParts: (block) =>
      kv.flatMap((buffer, layer) => {
        if (a.plan[layer]!.keysOf !== undefined) return [];
        const parts = halves[layer]!;
        const bytes = buffer.bytes / parts / sizes.kvBlocks;
        return Array.from({ length: parts }, (_, part) => {
          return { buffer, offset: (part * buffer.bytes) / parts + block * bytes, bytes };
        });
      }),
    destroy() {
      for (const buffer of [state, counts, ...new Set(kv), ...pools, ...new Set(angles.tables)]) buffer.destroy();
    },
  };
}
