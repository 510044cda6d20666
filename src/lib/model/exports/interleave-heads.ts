// Rows of queries and keys in the order of llama.cpp, which rotates neighbours: rows i and i + half of a head become 2i and 2i + 1.

export function interleaveHeads(
  rows: Uint8Array<ArrayBuffer>,
  headDim: number,
  rowBytes: number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(rows.length);
  const half = headDim / 2;
  for (let row = 0; row * rowBytes < rows.length; row++) {
    const inHead = row % headDim;
    const to = row - inHead + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1);
    out.set(rows.subarray(row * rowBytes, (row + 1) * rowBytes), to * rowBytes);
  }
  return out;
}
