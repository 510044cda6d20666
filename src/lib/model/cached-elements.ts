// What each layer caches of a token, in elements.

import type { Architecture } from './architecture.ts';
import { atLayer } from './at-layer.ts';

/** By layer; 0 where a layer reads the keys and values of another one. */
export function cachedElements(a: Architecture): number[] {
  return a.plan.map(({ mixer, keysOf }, layer) => {
    if (keysOf !== undefined) return 0;
    if (mixer === 'convolution') return a.hidden;
    const { kvHeads, headDim } = atLayer(a, layer);
    return 2 * kvHeads * headDim;
  });
}
