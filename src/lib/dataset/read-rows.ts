// Parses rows of a Datanet from lines of JSON, strictly: the first bad line ends it. Tolerant import of other files is in
// datanets/import/.

import type { ByteSource } from '#lib/formats/block/car.ts';
import { MAX_ROW_BYTES, parseRow } from '#lib/formats/datanet/datanet-row.ts';
import { readLines } from './lines.ts';
import type { NumberedRow } from './write-shards.ts';

/** A canonical row is shorter, but its source may hold spaces and escapes. */
const MAX_LINE_BYTES = 8 * MAX_ROW_BYTES;

/**
 * @throws FormatError that names `name` and the line
 *
 * @example
 * import { readRows } from '#lib/dataset/read-rows.ts';
 *
 * let count = 0;
 * for await (const rows of readRows(file.stream(), 'birds.jsonl', signal)) count += rows.length;
 */
export async function* readRows(
  source: ByteSource,
  name: string,
  signal?: AbortSignal,
): AsyncGenerator<NumberedRow[], void, undefined> {
  for await (const { first, lines } of readLines(source, { name, maxLineBytes: MAX_LINE_BYTES, signal })) {
    const rows: NumberedRow[] = [];
    lines.forEach((text, index) => {
      if (text.trim() === '') return;
      const line = first + index;
      rows.push({ row: parseRow(text, `${name} line ${line}`), line });
    });
    if (rows.length > 0) yield rows;
  }
}
