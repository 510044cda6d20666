// The targets of a training step: for every output its label and the weight of its loss.

/** Words of a target. */
export const TARGET = { label: 0, weight: 1, words: 2 } as const;

export interface Target {
  /** The token that should follow. */
  label: number;
  /** 1 / (number of the adapter's targets) makes its loss a mean. */
  weight: number;
}

export function encodeTargets(targets: readonly Target[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(targets.length * TARGET.words);
  const floats = new Float32Array(words.buffer);
  for (const [i, { label, weight }] of targets.entries()) {
    words[i * TARGET.words + TARGET.label] = label;
    floats[i * TARGET.words + TARGET.weight] = weight;
  }
  return words;
}
