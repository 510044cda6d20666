// sha256 and keccak256 over bytes at hand, without waiting: made once, then as fast as WebAssembly goes.
// It does not interpret the bytes.

import { createKeccak, createSHA256 } from 'hash-wasm';

export interface Digester {
  /** 32 fresh bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  keccak256(bytes: Uint8Array): Uint8Array;
}

export async function createDigester(): Promise<Digester> {
  const [sha, keccak] = await Promise.all([createSHA256(), createKeccak(256)]);
  return {
    sha256: (bytes) => sha.init().update(bytes).digest('binary'),
    keccak256: (bytes) => keccak.init().update(bytes).digest('binary'),
  };
}
