// Experts that rows choose, as the kernel `route` writes them.

import type { Rng } from '#lib/core/rng.ts';

/** Different experts of a row, with random weights. */
export function randomChoices(random: Rng, experts: number, chosen: number, rows: number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(rows * chosen * 2);
  const floats = new Float32Array(words.buffer);
  for (let row = 0; row < rows; row++) {
    const first = random.below(experts);
    for (let c = 0; c < chosen; c++) {
      words[(row * chosen + c) * 2] = (first + c) % experts;
      floats[(row * chosen + c) * 2 + 1] = random.normal();
    }
  }
  return words;
}
