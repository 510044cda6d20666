// Turns pictures into rows: type, size and dimensions, with the bytes stored as attached files. Does not decode pixels.

import type { CID } from 'multiformats/cid';
import { MAX_PICTURE_BYTES } from '#lib/formats/datanet/attachments.ts';
import { rowOf } from '#lib/formats/datanet/datanet-row.ts';
import { FormatError } from '#lib/formats/errors.ts';
import type { JsonObject } from '#lib/formats/json/json-file.ts';
import { readImageInfo } from '#lib/formats/datanet/picture-head.ts';
import type { NumberedRow } from '#lib/dataset/write-shards.ts';
import type { ImportFile, ImportIssue } from './import-file.ts';
import { readWhole } from './read-whole.ts';
import { addIssue } from './record-text.ts';

export interface PictureOptions {
  add?: JsonObject;
  /** Stores the bytes of a picture and returns their CID; without it pictures are refused. */
  attach?: (bytes: Uint8Array<ArrayBuffer>, picture: ImportFile) => Promise<CID>;
  signal?: AbortSignal | undefined;
}

export interface PictureBatch {
  rows: NumberedRow[];
  issues: ImportIssue[];
  /** Bytes of the pictures read so far. */
  bytes: number;
}

/** One row per picture; its line is its position. @throws FormatError for a single picture; of several, a faulty one is an issue */
export async function* readPictures(
  pictures: readonly ImportFile[],
  options: PictureOptions,
): AsyncGenerator<PictureBatch, void, undefined> {
  let bytes = 0;
  for (const [at, picture] of pictures.entries()) {
    options.signal?.throwIfAborted();
    const batch: PictureBatch = { rows: [], issues: [], bytes: (bytes += picture.size) };
    const line = at + 1;
    try {
      batch.rows.push({ row: await readPicture(picture, options), line });
    } catch (error) {
      // A full device or an abort is not a fault of the picture.
      if (pictures.length === 1 || !(error instanceof FormatError)) throw error;
      addIssue(error, line, batch);
    }
    yield batch;
  }
}

async function readPicture(file: ImportFile, { attach, add = {} }: PictureOptions) {
  const bytes = await readWhole(file, MAX_PICTURE_BYTES);
  const info = readImageInfo(bytes, file.name);
  if (!attach) {
    throw new FormatError(file.name, 'it is a picture, and pictures cannot be stored here', {
      hint: 'Give a place to keep it.',
    });
  }
  const cid = (await attach(bytes, file)).toString();
  const attachment = { cid, name: file.name.split('/').at(-1)!, bytes: bytes.length, ...info };
  return rowOf({ text: '', attachments: [attachment], ...add }, file.name);
}
