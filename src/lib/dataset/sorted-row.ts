// A row on its way into a version, and its encoding in a spilled run. A run is read by the machine that wrote it, so its format
// is private and may change.
//
//   u32 id bytes, u32 row bytes, f64 line, u8 has contributor, [20], leaf [32], id, row

import { fromHex, joinBytes, toHex, type Hex } from '#lib/core/bytes.ts';

export interface SortedRow {
  id: string;
  /** sha256 of `bytes`. */
  leaf: Uint8Array;
  /** The canonical row, UTF-8. */
  bytes: Uint8Array;
  contributor: Hex | null;
  /** Source line, from 1. */
  line: number;
}

/** Rows per batch. */
export const BATCH = 1024;

const HEAD = 69;
const [CONTRIBUTOR, LEAF] = [17, 37];

export function* writeRun(batches: Iterable<readonly SortedRow[]>): Generator<Uint8Array> {
  for (const batch of batches) for (const row of batch) yield* writeRow(row);
}

function* writeRow({ id, leaf, bytes, contributor, line }: SortedRow): Generator<Uint8Array> {
  const key = new TextEncoder().encode(id);
  const head = new Uint8Array(HEAD + key.length);
  const view = new DataView(head.buffer);
  view.setUint32(0, key.length);
  view.setUint32(4, bytes.length);
  view.setFloat64(8, line);
  view.setUint8(16, contributor ? 1 : 0);
  if (contributor) head.set(fromHex(contributor), CONTRIBUTOR);
  head.set(leaf, LEAF);
  head.set(key, HEAD);
  yield head;
  yield bytes;
}

export async function* readRun(source: AsyncIterable<Uint8Array>): AsyncGenerator<SortedRow[], void, undefined> {
  let waiting: Uint8Array = new Uint8Array(0);
  for await (const piece of source) {
    // Always a copy: rows are views of it, and the source may reuse its buffer.
    const bytes = waiting.length === 0 ? piece.slice() : joinBytes([waiting, piece]);
    let at = 0;
    let batch: SortedRow[] = [];
    for (let found = rowAt(bytes, at); found; found = rowAt(bytes, at)) {
      batch.push(found.row);
      at = found.end;
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    waiting = bytes.subarray(at);
    if (batch.length > 0) yield batch;
  }
}

function rowAt(bytes: Uint8Array, at: number): { row: SortedRow; end: number } | null {
  if (at + HEAD > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEAD);
  const keyEnd = at + HEAD + view.getUint32(0);
  const end = keyEnd + view.getUint32(4);
  if (end > bytes.length) return null;
  const row = {
    id: new TextDecoder().decode(bytes.subarray(at + HEAD, keyEnd)),
    leaf: bytes.subarray(at + LEAF, at + HEAD),
    bytes: bytes.subarray(keyEnd, end),
    contributor: view.getUint8(16) === 1 ? toHex(bytes.subarray(at + CONTRIBUTOR, at + LEAF)) : null,
    line: view.getFloat64(8),
  };
  return { row, end };
}
