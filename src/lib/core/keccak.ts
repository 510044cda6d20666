// keccak256, the hash of contracts. It knows bytes only.

import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes } from '@noble/hashes/utils.js';

/** The digest of all `parts`, one after the other. */
export const keccak256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  keccak_256(parts.length === 1 ? parts[0]! : concatBytes(...parts));
