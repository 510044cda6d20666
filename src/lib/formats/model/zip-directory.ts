// The entries of a ZIP archive whose files are stored, not compressed: names and places, from the directory at its end.
// It reads that directory and no file. Archives beyond 4 GiB (ZIP64) are read too, since PyTorch writes their form always.

import type { Folder } from '#lib/core/folder.ts';
import { FileTruncatedError, FormatError, UnsupportedError } from '../errors.ts';

export interface ZipEntry {
  name: string;
  size: number;
  /** Where its local header begins; the bytes follow it. */
  headerAt: number;
  /** The first byte behind it that belongs to something else. */
  limit: number;
}

const MAX_DIRECTORY_BYTES = 32 << 20;
const MAX_ENTRIES = 1 << 17;
const MAX_NAME_BYTES = 1024;
const LOCAL_BYTES = 30;
const ENTRY_BYTES = 46;
const END_BYTES = 22;
const MAX_COMMENT = 65_535;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
const LOCAL = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const LOCATOR = 0x07064b50;
const END64 = 0x06064b50;
/** In a field of 32 or 16 bits: the value stands in the ZIP64 record. */
const ELSEWHERE = 0xffff_ffff;
const ELSEWHERE_16 = 0xffff;
const ENCRYPTED = 1;

export const isZip = (lead: Uint8Array): boolean =>
  lead.length >= 4 && new DataView(lead.buffer, lead.byteOffset).getUint32(0, true) === LOCAL;

/** Entries in the order of their places, which do not overlap. */
export async function readZipDirectory(folder: Folder, path: string, signal?: AbortSignal): Promise<ZipEntry[]> {
  const file = `${folder.name}/${path}`;
  const size = await folder.size(path);
  const directory = await findDirectory(folder, path, size, signal);
  const { start, end, count } = directory;
  if (count > MAX_ENTRIES || end - start > MAX_DIRECTORY_BYTES)
    throw new FormatError(file, `the archive lists ${count} entries in ${end - start} bytes; less is read`);
  const bytes = await folder.read(path, start, end, signal);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  for (let at = 0, i = 0; i < count; i++) {
    const { entry, next } = readEntry(bytes, at, file);
    if (names.has(entry.name)) throw new FormatError(file, `the archive has two entries "${entry.name}"`);
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  entries.sort((a, b) => a.headerAt - b.headerAt);
  entries.forEach((entry, i) => {
    entry.limit = entries[i + 1]?.headerAt ?? start;
    if (entry.headerAt + LOCAL_BYTES + entry.size > entry.limit)
      throw new FormatError(file, `entry "${entry.name}" reaches into what follows it`);
  });
  return entries;
}

/** Where the bytes of an entry begin: its local header says how long it is itself. */
export async function zipDataStart(
  folder: Folder,
  path: string,
  entry: ZipEntry,
  signal?: AbortSignal,
): Promise<number> {
  const file = `${folder.name}/${path}`;
  const head = await folder.read(path, entry.headerAt, entry.headerAt + LOCAL_BYTES, signal);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0, true) !== LOCAL) throw new FormatError(file, `entry "${entry.name}" has no header`);
  const start = entry.headerAt + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + entry.size > entry.limit)
    throw new FormatError(file, `entry "${entry.name}" reaches into what follows it`);
  return start;
}

async function findDirectory(folder: Folder, path: string, size: number, signal?: AbortSignal) {
  const file = `${folder.name}/${path}`;
  const from = Math.max(0, size - END_BYTES - MAX_COMMENT);
  const tail = await folder.read(path, from, size, signal);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let at = tail.length - END_BYTES;
  // A comment may follow, whose length must then be right.
  while (
    at >= 0 &&
    (view.getUint32(at, true) !== END || at + END_BYTES + view.getUint16(at + 20, true) !== tail.length)
  )
    at--;
  if (at < 0) throw new FileTruncatedError(file, 'the archive has no directory at its end');
  let [count, bytes, start] = [
    view.getUint16(at + 10, true),
    view.getUint32(at + 12, true),
    view.getUint32(at + 16, true),
  ];
  let last = from + at;
  const isLarge = at >= LOCATOR_BYTES && view.getUint32(at - LOCATOR_BYTES, true) === LOCATOR;
  if (isLarge) {
    const place = safe(view.getBigUint64(at - LOCATOR_BYTES + 8, true), file);
    if (place + END64_BYTES > last - LOCATOR_BYTES)
      throw new FormatError(file, 'the ZIP64 record lies outside the archive');
    const record = await folder.read(path, place, place + END64_BYTES, signal);
    const of = new DataView(record.buffer, record.byteOffset, record.byteLength);
    if (of.getUint32(0, true) !== END64) throw new FormatError(file, 'the archive has no ZIP64 record');
    [count, bytes, start] = [32, 40, 48].map((field) => safe(of.getBigUint64(field, true), file)) as [
      number,
      number,
      number,
    ];
    last = place;
  } else if (count === ELSEWHERE_16 || start === ELSEWHERE || bytes === ELSEWHERE) {
    throw new FormatError(file, 'the archive has no ZIP64 record');
  }
  if (start + bytes > last) throw new FormatError(file, 'the directory lies outside the archive');
  return { start, end: start + bytes, count };
}

function readEntry(bytes: Uint8Array, at: number, file: string): { entry: ZipEntry; next: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (at + ENTRY_BYTES > bytes.length || view.getUint32(at, true) !== ENTRY)
    throw new FormatError(file, 'the directory ends before its last entry');
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [
    number,
    number,
    number,
  ];
  const next = at + ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
  if (nameBytes > MAX_NAME_BYTES || next > bytes.length)
    throw new FormatError(file, 'an entry of the directory is too long');
  const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes));
  const fields = {
    size: view.getUint32(at + 24, true),
    packed: view.getUint32(at + 20, true),
    headerAt: view.getUint32(at + 42, true),
  };
  const extraAt = at + ENTRY_BYTES + nameBytes;
  readLarge(new DataView(bytes.buffer, bytes.byteOffset + extraAt, extraBytes), fields, file);
  if ((flags & ENCRYPTED) !== 0 || method !== 0 || fields.packed !== fields.size) {
    throw new UnsupportedError(
      file,
      `entry "${name}" is ${(flags & ENCRYPTED) === 0 ? `compressed (method ${method})` : 'encrypted'}`,
      'PyTorch stores entries as they are; save the file with torch.save again, or as safetensors.',
    );
  }
  return { entry: { name, size: fields.size, headerAt: fields.headerAt, limit: 0 }, next };
}

/** The fields that are too great for 32 bits stand in extra field 1, in this order. */
function readLarge(extra: DataView, fields: { size: number; packed: number; headerAt: number }, file: string): void {
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const [id, length] = [extra.getUint16(at, true), extra.getUint16(at + 2, true)];
    const end = Math.min(extra.byteLength, at + 4 + length);
    let from = at + 4;
    for (const field of ['size', 'packed', 'headerAt'] as const) {
      if (id !== 1 || fields[field] !== ELSEWHERE || from + 8 > end) continue;
      fields[field] = safe(extra.getBigUint64(from, true), file);
      from += 8;
    }
    at = end;
  }
}

function safe(value: bigint, file: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new FormatError(file, `a place in the archive is ${value}`);
  return Number(value);
}
