// The description of a Datanet, `datanet/about@1`: its name and purpose. The registry stores the digest of its block; tags, owner
// and versions are on the chain. Converts between bytes and checked texts.

import type { CID } from 'multiformats/cid';
import type { Digester } from '#lib/core/digester.ts';
import { DAG_CBOR, type Block } from '../block/block.ts';
import { decodeFields, type Fields } from '../block/cbor-fields.ts';
import { FormatError } from '../errors.ts';
import { cborBlock } from './paged-list.ts';

export const ABOUT_KIND = 'datanet/about@1';
/** Most UTF-16 units of each text. */
export const ABOUT_CHARS = { name: 100, description: 2000, field: 40 } as const;
/** Larger than the longest allowed texts. */
const MAX_ABOUT_BYTES = 16 << 10;

export interface DatanetAbout {
  /** A single line. */
  name: string;
  description: string;
  /** Field of work, such as medicine; may be empty. */
  field: string;
  /** A block of `datanet/members@1`, for Datanets that allow sealed rows. */
  members?: CID | undefined;
}

/** The block of a description. @throws FormatError when it could not be parsed again */
export function encodeAbout({ name, description, field, members }: DatanetAbout, digester: Digester): Block {
  const block = cborBlock({ kind: ABOUT_KIND, name, description, field, members: members ?? null }, digester);
  parseAbout(block.bytes, 'The description');
  return block;
}

/** @throws FormatError that names the field */
export function parseAbout(bytes: Uint8Array, file: string): DatanetAbout {
  if (bytes.length > MAX_ABOUT_BYTES) {
    throw new FormatError(file, `it has ${bytes.length} bytes; a description has at most ${MAX_ABOUT_BYTES}`);
  }
  const fields = decodeFields(bytes, ['kind', 'name', 'description', 'field', 'members'], file);
  if (fields.value('kind') !== ABOUT_KIND) throw new FormatError(file, `it is not a ${ABOUT_KIND}`);
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
