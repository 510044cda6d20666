// What a decoder keeps from step to step: the step state, keys and values, pages of adapters, token counts, rotations.
// Sizes only; which kernel reads which buffer is in the blocks.

import type { BufferPart, Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { kvVectorBytes } from '#lib/webgpu/kernels/shared/kv.ts';
import { BLOCK_TOKENS } from '#lib/webgpu/step-state.ts';
import type { Architecture } from '../architecture.ts';
import type { DecoderSizes } from './decoder-sizes.ts';
import { createRopeAngles, type RopeAngles } from './rope-angles.ts';

export interface DecoderCache {
  /** Rows, sequences, block tables and adapter descriptors of the step. */
  readonly state: DeviceBuffer;
  /** How often each sequence saw each token. */
  readonly counts: DeviceBuffer;
  /** By layer: keys, then values. */
  readonly kv: readonly DeviceBuffer[];
  /** By layer: pages of adapters. */
  readonly pools: readonly DeviceBuffer[];
  readonly angles: RopeAngles;
  /** Pairs of elements before the values in a layer's keys and values. */
  readonly valuesAt: number;
  readonly kvBytes: number;
  readonly poolBytes: number;
  /** Where the keys and values of a block of tokens lie: for each layer its keys, its values, and in i8 the scales of both. */
  blockParts(block: number): BufferPart[];
  destroy(): void;
}

export function createDecoderCache(device: Device, a: Architecture, sizes: DecoderSizes): DecoderCache {
  const blockVectors = a.kvHeads * BLOCK_TOKENS;
  const valuesAt = (sizes.kvBlocks * blockVectors * a.headDim) / 2;
  const { elements, scale } = kvVectorBytes(sizes.kvDtype, a.headDim);
  const kvBytes = 2 * sizes.kvBlocks * blockVectors * (elements + scale);
  const poolBytes = sizes.pages * sizes.pageBytes;
  const state = device.createBuffer('step state', sizes.step.words * 4);
  const counts = device.createBuffer('token counts', sizes.maxSequences * a.vocab * 4);
  const kv = a.plan.map((_, i) => device.createBuffer(`layer ${i} cache`, kvBytes));
  const pools = a.plan.map((_, i) => device.createBuffer(`layer ${i} adapters`, poolBytes));
  /** Keys, values, their scales: each a run of all blocks. */
  const runs = [elements, elements, scale, scale].filter((bytes) => bytes > 0).map((bytes) => bytes * blockVectors);
  const partsIn = (buffer: DeviceBuffer, block: number): BufferPart[] =>
    runs.map((bytes, i) => {
      const start = runs.slice(0, i).reduce((sum, run) => sum + run * sizes.kvBlocks, 0);
      return { buffer, offset: start + block * bytes, bytes };
    });
  const angles = createRopeAngles(device, a, sizes.contextLength);
  return {
    state,
    counts,
    kv,
    pools,
    angles,
    valuesAt,
    kvBytes: kvBytes * a.layers,
    poolBytes: poolBytes * a.layers,
    blockParts: (block) => kv.flatMap((buffer) => partsIn(buffer, block)),
    destroy() {
      for (const buffer of [state, counts, ...kv, ...pools, ...new Set(angles.tables)]) buffer.destroy();
    },
  };
}
