// What a decoder keeps from step to step: the step state, keys and values, pages of adapters, token counts, rotations.
// Sizes only; which kernel reads which buffer is in the blocks.

import type { BufferPart, Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { BLOCK_TOKENS } from '#lib/webgpu/step-state.ts';
import type { Architecture } from '../architecture.ts';
import { atLayer } from '../at-layer.ts';
import { cachedRuns } from './cached-runs.ts';
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
  /** Where what is cached of a block of tokens lies: for each layer its keys, its values, and in i8 the scales of both. */
  blockParts(block: number): BufferPart[];
  destroy(): void;
}

export function createDecoderCache(device: Device, a: Architecture, sizes: DecoderSizes): DecoderCache {
  const runs = cachedRuns(a, sizes.kvDtype);
  const bytesOf = (of: readonly number[]) => sizes.kvBlocks * of.reduce((sum, bytes) => sum + bytes, 0);
  const poolBytes = sizes.pages * sizes.pageBytes;
  const state = device.createBuffer('step state', sizes.step.words * 4);
  const counts = device.createBuffer('token counts', sizes.maxSequences * a.vocab * 4);
  const kv: DeviceBuffer[] = [];
  for (const [i, { keysOf }] of a.plan.entries())
    kv.push(keysOf === undefined ? device.createBuffer(`layer ${i} cache`, bytesOf(runs[i]!)) : kv[keysOf]!);
  const pools = a.plan.map((_, i) => device.createBuffer(`layer ${i} adapters`, poolBytes));
  const partsIn = (buffer: DeviceBuffer, of: readonly number[], block: number): BufferPart[] =>
    of.map((bytes, i) => ({ buffer, offset: bytesOf(of.slice(0, i)) + block * bytes, bytes }));
  const angles = createRopeAngles(device, a, sizes.contextLength);
  return {
    state,
    counts,
    kv,
    pools,
    angles,
    valuesAt: a.plan.map(({ keysOf }, i) => {
      const { kvHeads, headDim } = atLayer(a, keysOf ?? i);
      return (sizes.kvBlocks * BLOCK_TOKENS * kvHeads * headDim) / 2;
    }),
    kvBytes: [...new Set(kv)].reduce((sum, { bytes }) => sum + bytes, 0),
    poolBytes: poolBytes * a.layers,
    blockParts: (block) =>
      kv.flatMap((buffer, layer) => (a.plan[layer]!.keysOf === undefined ? partsIn(buffer, runs[layer]!, block) : [])),
    destroy() {
      for (const buffer of [state, counts, ...new Set(kv), ...pools, ...new Set(angles.tables)]) buffer.destroy();
    },
  };
}
