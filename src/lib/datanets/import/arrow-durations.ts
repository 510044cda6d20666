// Arrow's durations in a Parquet file. Parquet has no such type and stores integers; only Arrow's own schema, a flatbuffer in the
// file's metadata, names their unit. Reads names, types and children of fields from it.

/** Units per second, by Arrow's number for the unit. */
const PER_SECOND = [1n, 1000n, 1_000_000n, 1_000_000_000n] as const;
const DURATION = 18;
const MAX_FIELDS = 4096;

export interface ArrowField {
  name: string;
  /** For a duration: how many of its units are one second. */
  perSecond: bigint | null;
  children: ArrowField[];
}

/** The fields of the schema, or none when it cannot be read; then integers stay integers. */
export function readArrowFields(base64: string): ArrowField[] {
  try {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    // A message begins with a marker and its length; in older files with the length alone.
    const start = new DataView(bytes.buffer).getUint32(0, true) === 0xffffffff ? 8 : 4;
    const reader = createReader(new DataView(bytes.buffer, start));
    const schema = reader.table(reader.root(), 2);
    return schema === null ? [] : reader.fields(schema, 1, 0);
  } catch (error) {
    if (error instanceof RangeError || error instanceof DOMException) return [];
    throw error;
  }
}

function createReader(view: DataView) {
  let count = 0;
  /** Position of a field in the table at `table`, or null when it has its default. */
  const place = (table: number, field: number): number | null => {
    const list = table - view.getInt32(table, true);
    if (4 + 2 * field >= view.getUint16(list, true)) return null;
    const offset = view.getUint16(list + 4 + 2 * field, true);
    return offset === 0 ? null : table + offset;
  };
  const follow = (at: number): number => at + view.getUint32(at, true);
  const table = (from: number, field: number): number | null => {
    const at = place(from, field);
    return at === null ? null : follow(at);
  };
  const text = (from: number, field: number): string => {
    const at = table(from, field);
    if (at === null) return '';
    const bytes = new Uint8Array(view.buffer, view.byteOffset + at + 4, view.getUint32(at, true));
    return new TextDecoder().decode(bytes);
  };
  const perSecond = (field: number): bigint | null => {
    const kind = place(field, 2);
    const type = table(field, 3);
    if (kind === null || type === null || view.getUint8(kind) !== DURATION) return null;
    const unit = place(type, 0);
    return PER_SECOND[unit === null ? 1 : view.getInt16(unit, true)] ?? null;
  };
  const fields = (from: number, field: number, depth: number): ArrowField[] => {
    const list = table(from, field);
    if (list === null || depth > 16) return [];
    return Array.from({ length: Math.min(view.getUint32(list, true), MAX_FIELDS) }, (_, index) => {
      if (++count > MAX_FIELDS) throw new RangeError('the schema of Arrow has too many fields');
      const one = follow(list + 4 + 4 * index);
      return { name: text(one, 0), perSecond: perSecond(one), children: fields(one, 5, depth + 1) };
    });
  };
  return { root: () => follow(0), table, fields };
}

/** ISO 8601, such as `PT1.500S`. */
export function durationOf(value: bigint, perSecond: bigint): string {
  const [sign, size] = value < 0n ? ['-', -value] : ['', value];
  const digits = perSecond.toString().length - 1;
  const fraction = digits === 0 ? '' : `.${(size % perSecond).toString().padStart(digits, '0')}`;
  return `${sign}PT${size / perSecond}${fraction}S`;
}
