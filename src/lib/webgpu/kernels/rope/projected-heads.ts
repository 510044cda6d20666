// How many heads the projections of attention give for a row.

import type { RopeParams } from './rope.ts';

/** Heads of a row of `y`. */
export const projectedHeads = ({
  heads,
  kvHeads,
  projects,
}: Pick<RopeParams, 'heads' | 'kvHeads' | 'projects'>): number => heads + { q: 0, qk: 1, qkv: 2 }[projects] * kvHeads;
