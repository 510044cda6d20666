// Opens a picture of a row: fetches and hashes its blocks, decrypts sealed bytes, and detects the format from the first bytes. Of
// the row's fields it trusts only the name.

import { joinBytes } from '#lib/core/bytes.ts';
import { parseCid } from '#lib/formats/block/block.ts';
import { MAX_ATTACHMENT_BYTES, type NamedFile } from '#lib/formats/datanet/attachments.ts';
import { readImageInfo, type ImageInfo } from '#lib/formats/datanet/picture-head.ts';
import { readFile } from '#lib/ipfs/read-files.ts';
import type { IpfsAccess } from '../datanet-context.ts';
import { boundOfFile } from '../contributions/open-proven.ts';

export interface OpenPicture {
  info: ImageInfo;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface PictureOptions {
  /** Decrypts a sealed file. */
  unseal?: ((bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * @throws FormatError (not a supported picture), BlockMissingError, SourceFailedError, TooLargeError, SealBrokenError,
 * AbortedError
 */
export async function openPicture(
  { node, fetch }: Pick<IpfsAccess, 'node' | 'fetch'>,
  { cid, name }: NamedFile,
  { unseal, signal }: PictureOptions = {},
): Promise<OpenPicture> {
  const root = parseCid(cid, name);
  await fetch(root, { maxBytes: boundOfFile(MAX_ATTACHMENT_BYTES), signal });
  const pieces: Uint8Array[] = [];
  for await (const piece of readFile(node, root, { maxBytes: MAX_ATTACHMENT_BYTES, signal })) {
    pieces.push(piece);
  }
  const kept = new Uint8Array(joinBytes(pieces));
  const bytes = unseal ? await unseal(kept) : kept;
  return { info: readImageInfo(bytes, name || cid), bytes };
}
