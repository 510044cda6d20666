// Checks the page headers of a Parquet column chunk before memory is allocated for the sizes they claim. Headers are structs of
// Thrift's compact protocol; only the few numbers that lead to allocations are read.

/** Largest unpacked page. */
export const MAX_PAGE_BYTES = 64 << 20;

/** Header fields by path: `2` is the unpacked size, `5.1` the number of values of a data page. */
const SIZE = '2';
const PACKED_SIZE = '3';
const VALUES = ['5.1', '7.1', '8.1', '8.3'];
const MAX_DEPTH = 8;
const MAX_ENTRIES = 1 << 16;

/** @throws RangeError that names the value out of bounds */
export function checkParquetPages(chunk: Uint8Array, maxValues: number): void {
  const reader = createReader(chunk);
  while (reader.at() < chunk.length - 1) {
    const fields = new Map<string, number>();
    reader.struct('', fields, 0);
    const size = fields.get(SIZE) ?? 0;
    const packed = fields.get(PACKED_SIZE) ?? -1;
    if (size < 0 || size > MAX_PAGE_BYTES) throw new RangeError(`a page claims ${size} bytes`);
    if (packed < 0 || reader.at() + packed > chunk.length) throw new RangeError(`a page claims ${packed} packed bytes`);
    for (const path of VALUES) {
      const values = fields.get(path) ?? 0;
      if (values < 0 || values > maxValues) throw new RangeError(`a page claims ${values} values`);
    }
    reader.skip(packed);
  }
}

function createReader(bytes: Uint8Array) {
  let at = 0;
  const byte = (): number => {
    const found = bytes[at++];
    if (found === undefined) throw new RangeError('a page header does not end');
    return found;
  };
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const next = byte();
      value += (next & 0x7f) * 2 ** shift;
      if (next < 0x80) return value;
    }
    throw new RangeError('a number in a page header does not end');
  };
  const zigzag = (): number => {
    const value = varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const skip = (count: number): void => {
    at += count;
    if (at > bytes.length) throw new RangeError('a page header does not end');
  };
  const value = (type: number, path: string, fields: Map<string, number>, depth: number): void => {
    if (type === 1 || type === 2) return;
    if (type === 3) skip(1);
    else if (type >= 4 && type <= 6) fields.set(path, zigzag());
    else if (type === 7) skip(8);
    else if (type === 8) skip(varint());
    else if (type === 9 || type === 10) list(path, fields, depth);
    else if (type === 12) struct(`${path}.`, fields, depth + 1);
    else throw new RangeError(`a page header holds type ${type}`);
  };
  const list = (path: string, fields: Map<string, number>, depth: number): void => {
    const head = byte();
    const count = head >> 4 === 15 ? varint() : head >> 4;
    if (count > MAX_ENTRIES || depth >= MAX_DEPTH) throw new RangeError(`a page header holds a list of ${count}`);
    // Booleans in lists take a byte each.
    for (let entry = 0; entry < count; entry++) value((head & 15) <= 2 ? 3 : head & 15, `${path}[]`, fields, depth + 1);
  };
  const struct = (prefix: string, fields: Map<string, number>, depth: number): void => {
    if (depth > MAX_DEPTH) throw new RangeError('a page header nests too deep');
    for (let id = 0; ;) {
      const head = byte();
      if (head === 0) return;
      id = head >> 4 === 0 ? zigzag() : id + (head >> 4);
      value(head & 15, `${prefix}${id}`, fields, depth);
    }
  };
  return { at: () => at, skip, struct };
}
