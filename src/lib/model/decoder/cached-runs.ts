// What each layer caches of a block of tokens, as runs of bytes: a buffer of the cache holds each run of all blocks, one run after the
// other.

import { ELEMENT_BYTES, type ElementDtype } from '#lib/webgpu/element.ts';
import { kvVectorBytes, type KvDtype } from '#lib/webgpu/kernels/shared/kv.ts';
import { BLOCK_TOKENS } from '#lib/webgpu/step-state.ts';
import type { Architecture } from '../architecture.ts';
import { atLayer } from '../at-layer.ts';
import { PromptError } from '../errors.ts';

/**
 * By layer: bytes of its keys, its values, and in i8 the scales of both; of the inputs of a convolution; none where a layer reads the
 * keys of another one.
 */
export function cachedRuns(a: Architecture, kv: KvDtype): number[][] {
  return a.plan.map(({ mixer, keysOf }, layer) => {
    if (keysOf !== undefined) return [];
    if (mixer === 'convolution') return [BLOCK_TOKENS * a.hidden * ELEMENT_BYTES[unscaled({ kvDtype: kv })]];
    const { kvHeads, headDim } = atLayer(a, layer);
    const { elements, scale } = kvVectorBytes(kv, headDim);
    return [elements, elements, scale, scale]
      .filter((bytes) => bytes > 0)
      .map((bytes) => kvHeads * BLOCK_TOKENS * bytes);
  });
}

/** The format of a cache that has no scales: keys of latent vectors, inputs of convolutions. @throws PromptError for i8 */
export function unscaled({ kvDtype }: { kvDtype: KvDtype }): ElementDtype {
  if (kvDtype !== 'i8') return kvDtype;
  throw new PromptError(
    'Layers of this model cache latent vectors or inputs of convolutions; those are not kept in i8.',
    'Load it with a cache of f16 or f32.',
  );
}
