// Streaming sha256 over bytes that come in pieces. It knows digests; what they identify is the caller's business.

import { createSHA256 } from 'hash-wasm';
import type { Folder } from './folder.ts';

const PIECE = 8 << 20;

/** sha256 (hex) of whole files of a folder: the sha256 over each file's own sha256, in the given order. */
export async function hashFiles(folder: Folder, paths: readonly string[], signal?: AbortSignal): Promise<string> {
  const outer = await createSHA256();
  const inner = await createSHA256();
  outer.init();
  for (const path of paths) {
    inner.init();
    const size = await folder.size(path);
    for (let at = 0; at < size; at += PIECE) {
      inner.update(await folder.read(path, at, Math.min(size, at + PIECE), signal));
    }
    outer.update(inner.digest('binary'));
  }
  return outer.digest('hex');
}
