// Values of Parquet in a form that a row can hold: decimals and integers exactly, dates and times in ISO 8601 with the precision
// of their unit.

import type { SchemaElement } from 'hyparquet';

/** A number with up to this many digits survives in a row unchanged. */
const SAFE_DIGITS = 15;
const PER_SECOND = { MILLIS: 1000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n } as const;
type Unit = keyof typeof PER_SECOND;

/** Kind of a leaf column, from the file's schema. */
export type LeafKind =
  | { is: 'plain' | 'text' | 'json' | 'bytes' | 'integer' | 'date' | 'interval' }
  | { is: 'decimal'; scale: number; precision: number }
  | { is: 'time'; unit: Unit }
  /** A duration of Arrow, with its units per second. */
  | { is: 'duration'; perSecond: bigint }
  | { is: 'timestamp'; unit: Unit; isUtc: boolean };

/** Types as older writers name them. */
const CONVERTED: Readonly<Partial<Record<NonNullable<SchemaElement['converted_type']>, LeafKind>>> = {
  TIMESTAMP_MILLIS: { is: 'timestamp', unit: 'MILLIS', isUtc: true },
  TIMESTAMP_MICROS: { is: 'timestamp', unit: 'MICROS', isUtc: true },
  TIME_MILLIS: { is: 'time', unit: 'MILLIS' },
  TIME_MICROS: { is: 'time', unit: 'MICROS' },
  DATE: { is: 'date' },
  INTERVAL: { is: 'interval' },
  UTF8: { is: 'text' },
  ENUM: { is: 'text' },
  JSON: { is: 'json' },
};

export function leafKind({
  type,
  converted_type: converted,
  logical_type: logical,
  scale,
  precision,
}: SchemaElement): LeafKind {
  if (logical?.type === 'TIMESTAMP') return { is: 'timestamp', unit: logical.unit, isUtc: logical.isAdjustedToUTC };
  if (logical?.type === 'TIME') return { is: 'time', unit: logical.unit };
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
    const said = logical?.type === 'DECIMAL' ? logical : { scale, precision };
    return { is: 'decimal', scale: said.scale ?? 0, precision: said.precision ?? Infinity };
  }
  const old = converted && CONVERTED[converted];
  if (old) return old;
  if (logical?.type === 'DATE') return { is: 'date' };
  if (logical?.type === 'STRING' || logical?.type === 'ENUM') return { is: 'text' };
  if (logical?.type === 'JSON') return { is: 'json' };
  if (type === 'INT96') return { is: 'timestamp', unit: 'NANOS', isUtc: false };
  if (type === 'INT64') return { is: 'integer' };
  const isOther = logical?.type === 'UUID' || logical?.type === 'FLOAT16';
  return { is: type === 'BYTE_ARRAY' || (type === 'FIXED_LEN_BYTE_ARRAY' && !isOther) ? 'bytes' : 'plain' };
}

/** A decimal: a number when every value of its column fits one exactly, otherwise a text with all digits. */
export function decimalOf(value: unknown, scale: number, precision: number): number | string {
  const unscaled = value instanceof Uint8Array ? signedOf(value) : BigInt(value as number | bigint);
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  const text = `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
  return precision <= SAFE_DIGITS ? Number(text) : text;
}

/** Big-endian, two's complement. */
function signedOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = value * 256n + BigInt(byte);
  return bytes.length > 0 && bytes[0]! >= 0x80 ? value - (1n << BigInt(8 * bytes.length)) : value;
}

export function dateOf(days: number): string {
  const date = new Date(days * 86_400_000);
  return Number.isNaN(date.getTime()) ? `${days} days since 1970` : date.toISOString().split('T')[0]!;
}

export function timestampOf(value: bigint, unit: Unit, isUtc: boolean): string {
  const per = PER_SECOND[unit];
  const part = ((value % per) + per) % per;
  const date = new Date(Number((value - part) / per) * 1000);
  if (Number.isNaN(date.getTime())) return `${value} ${unit.toLowerCase()} since 1970`;
  return `${date.toISOString().slice(0, -5)}.${fraction(part, per)}${isUtc ? 'Z' : ''}`;
}

export function timeOf(value: bigint, unit: Unit): string {
  const per = PER_SECOND[unit];
  const seconds = Number(value / per);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction(value % per, per)}`;
}

const fraction = (part: bigint, per: bigint): string => part.toString().padStart(per.toString().length - 1, '0');

/** Twelve bytes of months, days and milliseconds as an ISO 8601 duration. */
export function intervalOf(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [months, days, millis] = [0, 4, 8].map((at) => view.getUint32(at, true)) as [number, number, number];
  return `P${months}M${days}DT${millis / 1000}S`;
}
