// The accepted form of a secp256k1 signature: 32 bytes r, 32 bytes s in the lower half of the order, and 27 or 28. Any signature
// can be rewritten into a second one that recovers the same key; accepting both would give one content two ids.

import type { Hex } from '#lib/core/bytes.ts';

const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

export const isCanonicalSignature = (signature: Hex): boolean =>
  /^0x[0-9a-f]{128}1[bc]$/i.test(signature) && BigInt(`0x${signature.slice(66, 130)}`) <= HALF_ORDER;
