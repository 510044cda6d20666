// Files that belong to rows, such as pictures: a row names them by content id in its field `attachments`, and the block of a
// contribution or version links them, so that pinning the rows pins the files. Files are UnixFS; this file does not read their
// content.

import { CID } from 'multiformats/cid';
import { DAG_PB, RAW } from '../block/block.ts';
import { fieldsOf } from '../block/cbor-fields.ts';
import { FormatError } from '../errors.ts';
import { isJsonObject, type JsonObject } from '../json/json-file.ts';
import type { EntryFormat } from './paged-list.ts';

export interface Attachment {
  cid: CID;
  /** Bytes of the file as the linking block states them; an upper bound for fetching. */
  bytes: number;
}

/** Files that can be linked: size by content id. */
export type AttachedFiles = ReadonlyMap<string, number>;

/** Field of a block; left out when empty. */
export const ATTACHMENTS = 'attachments';

/** A file as a row names it. */
export interface NamedFile {
  /** The text of its content id. */
  cid: string;
  /** Name in the row; may be empty. */
  name: string;
}

/** Largest picture. */
export const MAX_PICTURE_BYTES = 64 << 20;
/** Largest attached file: the largest picture, sealed. */
export const MAX_ATTACHMENT_BYTES = MAX_PICTURE_BYTES + 1024;

/** Longest text parsed as an id. */
const MAX_ID_CHARS = 128;
const MAX_NAME_CHARS = 200;

export const attachmentFormat: EntryFormat<Attachment> = {
  inline: 1024,
  encode: ({ cid, bytes }) => ({ cid, bytes }),
  read(entry, file, at) {
    const fields = fieldsOf(entry, ['cid', 'bytes'], file, at);
    return { cid: fields.cid('cid', RAW, DAG_PB), bytes: fields.count('bytes', MAX_ATTACHMENT_BYTES) };
  },
  hashOf: ({ cid }) => cid.multihash.digest,
};

/** The files that a row names, each once; entries that are not file ids are ignored. */
export function attachmentsOf({ attachments }: JsonObject): NamedFile[] {
  if (!Array.isArray(attachments)) return [];
  const found = new Map<string, NamedFile>();
  for (const one of attachments) {
    if (!isJsonObject(one)) continue;
    const { cid, name } = one;
    if (typeof cid !== 'string' || found.has(cid) || !isFileId(cid)) continue;
    found.set(cid, { cid, name: typeof name === 'string' ? name.slice(0, MAX_NAME_CHARS) : '' });
  }
  return [...found.values()];
}

/** Collects which of `files` the rows name, in linking order, and how many named files are missing from `files`. */
export function createAttachmentPicker(files: AttachedFiles = new Map()) {
  const picked = new Set<string>();
  const missing = new Set<string>();
  return {
    add(row: JsonObject): void {
      for (const { cid } of attachmentsOf(row)) (files.has(cid) ? picked : missing).add(cid);
    },
    missing: (): number => missing.size,
    picked: (): Attachment[] => [...picked].sort().map((text) => ({ cid: CID.parse(text), bytes: files.get(text)! })),
  };
}

/** Checks that the files of a block are sorted and unique. */
export function checkAttachments(attachments: readonly Attachment[], isWritten: boolean, file: string): void {
  const bad = (what: string): FormatError => new FormatError(file, `field "${ATTACHMENTS}" ${what}`);
  if (isWritten && attachments.length === 0) throw bad('is empty; it is left out then');
  const texts = attachments.map(({ cid }) => cid.toString());
  const at = texts.findIndex((text, index) => index > 0 && texts[index - 1]! >= text);
  if (at > 0) throw bad(`is not sorted at [${at}]`);
}

/** The form that this product writes: CIDv1 in base32, raw or dag-pb, sha2-256. */
function isFileId(text: string): boolean {
  if (text.length > MAX_ID_CHARS || !text.startsWith('b')) return false;
  try {
    const { version, code, multihash } = CID.parse(text);
    return version === 1 && (code === RAW || code === DAG_PB) && multihash.code === 0x12 && multihash.size === 32;
  } catch {
    return false;
  }
}
