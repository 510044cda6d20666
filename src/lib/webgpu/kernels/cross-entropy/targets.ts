// The targets of a training step: for every output its label, the weight of its loss, and the adapter to which the loss belongs.

/** Words of a target. */
export const TARGET = { label: 0, adapter: 1, weight: 2, words: 4 } as const;

export interface Target {
  /** The token that should follow. */
  label: number;
  /** The place in `sums` to which the loss is added. */
  adapter: number;
  /** 1 / (number of the adapter's targets) makes its loss a mean. */
  weight: number;
}

export function encodeTargets(targets: readonly Target[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(targets.length * TARGET.words);
  const floats = new Float32Array(words.buffer);
  for (const [i, { label, adapter, weight }] of targets.entries()) {
    words[i * TARGET.words + TARGET.label] = label;
    words[i * TARGET.words + TARGET.adapter] = adapter;
    floats[i * TARGET.words + TARGET.weight] = weight;
  }
  return words;
}
