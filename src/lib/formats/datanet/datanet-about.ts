// What a Datanet says of itself, `datanet/about@1`: its name and what it is for. The registry keeps the digest of its block.
// Bytes in, checked texts out, and back; tags, owner and versions stand on the chain.

import type { CID } from 'multiformats/cid';
import type { Digester } from '#lib/core/digester.ts';
import { DAG_CBOR, type Block } from '../block/block.ts';
import { decodeFields, type Fields } from '../block/cbor-fields.ts';
import { FormatError } from '../errors.ts';
import { cborBlock } from './paged-list.ts';

export const ABOUT_KIND = 'datanet/about@1';
/** Most UTF-16 units of each text. */
export const ABOUT_CHARS = { name: 100, description: 2000, field: 40 } as const;
/** More than the texts can take. */
const MAX_ABOUT_BYTES = 16 << 10;

export interface DatanetAbout {
  /** One line. */
  name: string;
  description: string;
  /** The field it belongs to, such as medicine; empty when it names none. */
  field: string;
  /** A block of `datanet/members@1`, where rows may be sealed for members. */
  members?: CID | undefined;
}

/** The block of what a Datanet says of itself. @throws FormatError when it would not be read again */
export function encodeAbout({ name, description, field, members }: DatanetAbout, digester: Digester): Block {
  const block = cborBlock({ kind: ABOUT_KIND, name, description, field, members: members ?? null }, digester);
  parseAbout(block.bytes, 'The description');
  return block;
}

/** @throws FormatError naming the field */
export function parseAbout(bytes: Uint8Array, file: string): DatanetAbout {
  if (bytes.length > MAX_ABOUT_BYTES) {
    throw new FormatError(file, `it has ${bytes.length} bytes; a description has at most ${MAX_ABOUT_BYTES}`);
  }
  const fields = decodeFields(bytes, ['kind', 'name', 'description', 'field', 'members'], file);
  if (fields.value('kind') !== ABOUT_KIND) throw new FormatError(file, `it is no ${ABOUT_KIND}`);
  const members = fields.optional('members', (field) => fields.cid(field, DAG_CBOR));
  return {
    name: line(fields, 'name', 1),
    description: fields.text('description', ABOUT_CHARS.description),
    field: line(fields, 'field', 0),
    ...(members && { members }),
  };
}

function line(fields: Fields, name: 'name' | 'field', least: number): string {
  const text = fields.text(name, ABOUT_CHARS[name]);
  if (text.trim().length < least || text.trim() !== text) throw fields.bad(name, 'is empty or has blanks around it');
  if (/\p{Cc}/u.test(text)) throw fields.bad(name, 'is more than one line');
  return text;
}
