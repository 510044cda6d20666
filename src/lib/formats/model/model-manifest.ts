// The manifest of a registered model version, `model/manifest@1`: its name, what it is for, and the folder with its files. The
// registry stores the digest of its block. Converts between bytes and checked texts.

import type { CID } from 'multiformats/cid';
import type { Digester } from '#lib/core/digester.ts';
import { DAG_PB, RAW, type Block } from '../block/block.ts';
import { decodeFields } from '../block/cbor-fields.ts';
import { cborBlock } from '../datanet/paged-list.ts';
import { FormatError } from '../errors.ts';

export const MODEL_MANIFEST_KIND = 'model/manifest@1';
/** Most UTF-16 units of each text. */
export const MANIFEST_CHARS = { name: 100, description: 2000 } as const;
/** Larger than the longest allowed texts. */
const MAX_MANIFEST_BYTES = 16 << 10;

export interface ModelManifest {
  /** A single line. */
  name: string;
  description: string;
  /** The folder of the model or adapter, or its only file. */
  files: CID;
}

/**
 * The block of a manifest.
 * @throws FormatError when it could not be parsed again
 */
export function encodeModelManifest({ name, description, files }: ModelManifest, digester: Digester): Block {
  const block = cborBlock({ kind: MODEL_MANIFEST_KIND, name, description, files }, digester);
  parseModelManifest(block.bytes, 'The manifest');
  return block;
}

/** @throws FormatError that names the field */
export function parseModelManifest(bytes: Uint8Array, file: string): ModelManifest {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new FormatError(file, `it has ${bytes.length} bytes; a manifest has at most ${MAX_MANIFEST_BYTES}`);
  }
  const fields = decodeFields(bytes, ['kind', 'name', 'description', 'files'], file);
  if (fields.value('kind') !== MODEL_MANIFEST_KIND) throw new FormatError(file, `it is not a ${MODEL_MANIFEST_KIND}`);
  const name = fields.text('name', MANIFEST_CHARS.name);
  if (name === '' || name.trim() !== name) throw fields.bad('name', 'is empty or has blanks around it');
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)) throw fields.bad('name', 'has characters that are not shown');
  return {
    name,
    description: fields.text('description', MANIFEST_CHARS.description),
    files: fields.cid('files', DAG_PB, RAW),
  };
}
