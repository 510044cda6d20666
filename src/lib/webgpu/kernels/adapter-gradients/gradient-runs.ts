// Which rows of a step each gradient of adapters is summed over, and where it is kept: one small u32 buffer beside the step state.
// A gradient names the adapter that it is of and, apart from that, where it lies: so rows of one adapter may have gradients of their own.

import type { Memory } from '../../kernel.ts';

export interface AdapterGradient {
  /** Word offset of the adapter's descriptor. */
  descriptor: number;
  /** Of a descriptor whose vectors lie in the buffer of gradients, at the ranks of the adapter; the same one where the buffer mirrors the pool. */
  places: number;
  /** Rows [first, end), all of one sequence. They are summed in this order. */
  runs: readonly { first: number; end: number }[];
}

export const GRADIENT = { descriptor: 0, places: 1, firstRun: 2, runs: 3, words: 4 } as const;

/** Gradients, then the runs of all of them. */
export function encodeGradientRuns(gradients: readonly AdapterGradient[]): Uint32Array<ArrayBuffer> {
  const runs = gradients.flatMap((gradient) => gradient.runs);
  const words = new Uint32Array(gradients.length * GRADIENT.words + runs.length * 2);
  let next = gradients.length * GRADIENT.words;
  gradients.forEach(({ descriptor, places, runs: own }, i) => {
    words.set([descriptor, places, next, own.length], i * GRADIENT.words);
    next += own.length * 2;
  });
  words.set(
    runs.flatMap(({ first, end }) => [first, end]),
    gradients.length * GRADIENT.words,
  );
  return words;
}

/** Gradient `i` of the buffer. */
export function readGradient({ u32 }: Memory, i: number): AdapterGradient {
  const [descriptor, places, firstRun, runs] = u32.subarray(i * GRADIENT.words) as unknown as number[];
  return {
    descriptor: descriptor!,
    places: places!,
    runs: Array.from({ length: runs! }, (_, run) => ({
      first: u32[firstRun! + 2 * run]!,
      end: u32[firstRun! + 2 * run + 1]!,
    })),
  };
}
