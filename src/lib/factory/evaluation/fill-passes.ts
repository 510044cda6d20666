// Examples in passes of bounded size, in their order.

export interface PassSizes {
  /** Tokens of a pass. */
  rows: number;
  /** Examples of a pass. */
  segments: number;
}

export function fillPasses<E extends { ids: readonly number[] }>(examples: readonly E[], sizes: PassSizes): E[][] {
  const passes: E[][] = [];
  let tokens = Infinity;
  for (const example of examples) {
    const pass = passes.at(-1);
    if (pass && pass.length < sizes.segments && tokens + example.ids.length <= sizes.rows) {
      pass.push(example);
      tokens += example.ids.length;
    } else {
      passes.push([example]);
      tokens = example.ids.length;
    }
  }
  return passes;
}
