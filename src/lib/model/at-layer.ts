// The architecture as one layer sees it, with that layer's sizes, and one with the greatest sizes of any layer.

import type { Architecture } from './architecture.ts';

export const atLayer = (a: Architecture, layer: number): Architecture => ({ ...a, ...a.plan[layer]!.sizes });

/** For buffers that all layers share, and for page tables of adapters, which are the same in every layer. */
export function widest(a: Architecture): Architecture {
  const greatest = (size: 'kvHeads' | 'headDim' | 'ropeDim' | 'ffn') =>
    Math.max(a[size], ...a.plan.map(({ sizes }) => sizes?.[size] ?? 0));
  const [kvHeads, headDim] = [greatest('kvHeads'), greatest('headDim')];
  return { ...a, kvHeads, headDim, ropeDim: greatest('ropeDim'), ffn: greatest('ffn') };
}
