// Sorts rows by id in bounded memory (external merge sort): a full run is sorted and spilled; at the end all runs are merged. The
// host chooses where runs are spilled.

import type { Hex } from '#lib/core/bytes.ts';
import type { Digester } from '#lib/core/digester.ts';
import { MAX_ROW_BYTES, rowContributor, rowId, tooLong, type DatanetRow } from '#lib/formats/datanet/datanet-row.ts';
import { BATCH, readRun, writeRun, type SortedRow } from './sorted-row.ts';

/** A spilled run; can be read once. */
export interface SpilledRun {
  read(): AsyncIterable<Uint8Array>;
}

/** Stores runs until they are read. Its creator clears it. */
export interface SpillStore {
  write(bytes: Iterable<Uint8Array>): Promise<SpilledRun>;
}

export interface RowSorter {
  /** Adds a row. When it returns true, `spill` must be awaited before the next row. @throws FormatError */
  add(row: DatanetRow, line: number): boolean;
  spill(): Promise<void>;
  /** All rows by id, equal ids in line order, in batches. Call it after the last `add`. */
  sorted(): AsyncGenerator<SortedRow[], void, undefined>;
}

export interface SorterOptions {
  /** Name used in errors. */
  name: string;
  digester: Digester;
  spill: SpillStore;
  /** Bytes of rows in memory; default 32 MiB. */
  runBytes?: number | undefined;
}

const RUN_BYTES = 32 << 20;
/** UTF-8 bytes per UTF-16 unit at most. */
const MOST_BYTES_A_UNIT = 3;

export function createRowSorter({ name, digester, spill, runBytes = RUN_BYTES }: SorterOptions): RowSorter {
  // Flat arrays: millions of waiting objects would burden the garbage collector.
  const arena = new Uint8Array(runBytes + MOST_BYTES_A_UNIT * MAX_ROW_BYTES);
  const encoder = new TextEncoder();
  const spilled: SpilledRun[] = [];
  let ids: string[] = [];
  let lines: number[] = [];
  let owners: (Hex | null)[] = [];
  let ends = [0];
  let leaves = new Uint8Array(32 << 10);

  const rowAt = (at: number): SortedRow => ({
    id: ids[at]!,
    leaf: leaves.subarray(32 * at, 32 * at + 32),
    bytes: arena.subarray(ends[at], ends[at + 1]),
    contributor: owners[at]!,
    line: lines[at]!,
  });
  function* sortedRun(): Generator<SortedRow[]> {
    const order = Uint32Array.from(ids, (_, at) => at);
    // Stable: equal ids stay in line order.
    order.sort((a, b) => (ids[a]! < ids[b]! ? -1 : ids[a]! > ids[b]! ? 1 : a - b));
    for (let at = 0; at < order.length; at += BATCH) yield Array.from(order.subarray(at, at + BATCH), rowAt);
  }
  return {
    add({ text, value }, line) {
      const used = ends.at(-1)!;
      const { written } = encoder.encodeInto(text, arena.subarray(used));
      if (written > MAX_ROW_BYTES) throw tooLong(`${name} line ${line}`, written);
      const leaf = digester.sha256(arena.subarray(used, used + written));
      if (leaves.length < 32 * (ids.length + 1)) leaves = grown(leaves);
      leaves.set(leaf, 32 * ids.length);
      ids.push(rowId(value, leaf));
      lines.push(line);
      owners.push(rowContributor(value));
      ends.push(used + written);
      return used + written >= runBytes;
    },
    async spill() {
      spilled.push(await spill.write(writeRun(sortedRun())));
      [ids, lines, owners, ends] = [[], [], [], [0]];
    },
    async *sorted() {
      if (spilled.length === 0) yield* sortedRun();
      else yield* merge([...spilled.map((run) => readRun(run.read())), toAsync(sortedRun())]);
    },
  };
}

function grown(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * bytes.length);
  larger.set(bytes);
  return larger;
}

const compareRows = (a: SortedRow, b: SortedRow): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.line - b.line);

async function* toAsync<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* items;
}

interface Head {
  run: AsyncGenerator<SortedRow[], void, undefined>;
  batch: SortedRow[];
  at: number;
}

/** A heap holds the next row of each run, the least on top. */
async function* merge(
  runs: readonly AsyncGenerator<SortedRow[], void, undefined>[],
): AsyncGenerator<SortedRow[], void, undefined> {
  const heap: Head[] = [];
  for (const run of runs) {
    const next = await run.next();
    if (!next.done) heap.push({ run, batch: next.value, at: 0 });
  }
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(heap, at);
  let out: SortedRow[] = [];
  while (heap.length > 0) {
    const head = heap[0]!;
    out.push(head.batch[head.at++]!);
    if (head.at === head.batch.length) {
      const next = await head.run.next();
      if (!next.done) [head.batch, head.at] = [next.value, 0];
      else {
        const last = heap.pop()!;
        if (last !== head) heap[0] = last;
      }
    }
    sink(heap, 0);
    if (out.length < BATCH) continue;
    yield out;
    out = [];
  }
  if (out.length > 0) yield out;
}

function sink(heap: Head[], from: number): void {
  const isLess = (a: number, b: number): boolean =>
    compareRows(heap[a]!.batch[heap[a]!.at]!, heap[b]!.batch[heap[b]!.at]!) < 0;
  for (let at = from; ;) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    let least = at;
    if (left < heap.length && isLess(left, least)) least = left;
    if (right < heap.length && isLess(right, least)) least = right;
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}
