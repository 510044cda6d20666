// Every GPU buffer a decoder works in besides its weights: activations of one step, the paged cache, the adapter pools.
// It knows their sizes; which kernel reads which is `decoder-stages.ts`.

import type { Device, DeviceBuffer } from '#lib/webgpu/device.ts';
import { RESULT } from '#lib/webgpu/kernels/sample/sample-result.ts';
import { padded } from '#lib/webgpu/matrix.ts';
import { BLOCK_TOKENS } from '#lib/webgpu/step-state.ts';
import type { Architecture } from './architecture.ts';
import type { DecoderSizes } from './decoder-sizes.ts';
import { createRopeAngles, type RopeAngles } from './rope-angles.ts';

/** Total rank one row may wear, over all adapters of its blend. */
export const MAX_RANK_WIDTH = 512;

export interface DecoderBuffers {
  /** Rows, sequences, block tables and adapter descriptors of the step. */
  state: DeviceBuffer;
  /** The residual stream. */
  x: DeviceBuffer;
  /** The residual stream, normed. */
  h: DeviceBuffer;
  qkv: DeviceBuffer;
  q: DeviceBuffer;
  attended: DeviceBuffer;
  /** What a block hands back to the residual stream. */
  branch: DeviceBuffer;
  gateUp: DeviceBuffer;
  gated: DeviceBuffer;
  /** A x of every adapter a row wears. */
  z: DeviceBuffer;
  logits: DeviceBuffer;
  results: DeviceBuffer;
  /** How often each sequence saw each token. */
  counts: DeviceBuffer;
  /** By layer: keys, then values. */
  kv: DeviceBuffer[];
  pools: DeviceBuffer[];
  angles: RopeAngles;
  /** Pairs of elements before the values in a layer's cache. */
  valuesAt: number;
  kvBytes: number;
  poolBytes: number;
  all: DeviceBuffer[];
}

export function createDecoderBuffers(device: Device, a: Architecture, sizes: DecoderSizes): DecoderBuffers {
  const { maxRows, maxOutputs, maxSequences, kvBlocks } = sizes;
  const all: DeviceBuffer[] = [];
  const bytes = (label: string, count: number) => {
    const made = device.createBuffer(label, count);
    all.push(made);
    return made;
  };
  const floats = (label: string, count: number) => bytes(label, count * 4);

  const valuesAt = (kvBlocks * a.kvHeads * BLOCK_TOKENS * a.headDim) / 2;
  const kvBytes = 4 * valuesAt * sizes.elementBytes;
  const poolBytes = sizes.pages * sizes.pageBytes;
  const angles = createRopeAngles(device, a, sizes.contextLength);
  all.push(...new Set(angles.tables));
  return {
    state: bytes('step state', sizes.step.words * 4),
    x: floats('residual stream', maxRows * padded(a.hidden)),
    h: floats('normed stream', Math.max(maxRows, maxOutputs) * padded(a.hidden)),
    qkv: floats('qkv', maxRows * (a.heads + 2 * a.kvHeads) * a.headDim),
    q: floats('queries', maxRows * a.heads * a.headDim),
    attended: floats('attended', maxRows * padded(a.heads * a.headDim)),
    branch: floats('branch', maxRows * padded(a.hidden)),
    gateUp: floats('gate and up', maxRows * 2 * a.ffn),
    gated: floats('gated', maxRows * padded(a.ffn)),
    z: floats('adapter ranks', maxRows * 3 * MAX_RANK_WIDTH),
    logits: floats('logits', maxOutputs * a.vocab),
    results: floats('results', maxOutputs * RESULT.words),
    counts: floats('token counts', maxSequences * a.vocab),
    kv: a.plan.map((_, i) => bytes(`layer ${i} cache`, kvBytes)),
    pools: a.plan.map((_, i) => bytes(`layer ${i} adapters`, poolBytes)),
    angles,
    valuesAt,
    kvBytes: kvBytes * a.layers,
    poolBytes: poolBytes * a.layers,
    all,
  };
}
