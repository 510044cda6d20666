// One block of keys and values as a file: which block it is, the hash of its bytes, the bytes. The name of a block is a hash over
// everything that its bytes depend on: model, device, adapters, and all tokens up to its end.

import type { IHasher } from 'hash-wasm';
import type { BlockRoot } from './kv-blocks.ts';

/** Raised when kernels change what they leave in the cache. */
const VERSION = 2;
const HASH_BYTES = 32;
const HEADER_BYTES = 2 * HASH_BYTES;

export interface PrefixFiles {
  /** Names of the blocks of these tokens in order. `roots`: what the cache depends on besides tokens and `model`. */
  names(roots: readonly BlockRoot[], tokens: readonly number[], blockTokens: number): string[];
  encode(name: string, payload: Uint8Array): Uint8Array<ArrayBuffer>;
  /** Null unless the file is whole, of this name, and holds `bytes` bytes. */
  decode(name: string, file: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> | null;
}

/** `sha256`: a hasher that nothing else uses. `model`: what tells weights and device apart. */
export function createPrefixFiles(sha256: IHasher, model: string): PrefixFiles {
  const hash = (...pieces: (string | Uint8Array)[]): string => {
    sha256.init();
    for (const piece of pieces) sha256.update(piece);
    return sha256.digest('hex');
  };
  const headOf = (name: string, payload: Uint8Array): Uint8Array =>
    Uint8Array.from(`${name}${hash(payload)}`.match(/../g)!, (byte) => Number.parseInt(byte, 16));
  return {
    names(roots, tokens, blockTokens) {
      const names: string[] = [];
      let parent = hash(JSON.stringify([VERSION, model]));
      for (let end = blockTokens; end <= tokens.length; end += blockTokens) {
        const root = roots.find(({ block }) => (block + 1) * blockTokens === end);
        if (root) parent = hash(parent, JSON.stringify(root));
        parent = hash(parent, tokens.slice(end - blockTokens, end).join());
        names.push(parent);
      }
      return names;
    },
    encode(name, payload) {
      const file = new Uint8Array(HEADER_BYTES + payload.length);
      file.set(headOf(name, payload));
      file.set(payload, HEADER_BYTES);
      return file;
    },
    decode(name, file, bytes) {
      if (file.length !== HEADER_BYTES + bytes) return null;
      const payload = file.subarray(HEADER_BYTES);
      return headOf(name, payload).every((byte, i) => byte === file[i]) ? payload : null;
    },
  };
}
