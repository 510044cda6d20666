// Whether a block may hold logs of an address: the yellow paper's 2,048-bit filter (section 4.3.1). It has false positives, but
// no false negatives.

import { hexToBytes, keccak256, type Address, type Hex } from 'viem';

/** `bloom` is the header's `logsBloom`, 256 bytes. */
export function mayHold(bloom: Hex, address: Address): boolean {
  const filter = hexToBytes(bloom);
  const digest = keccak256(hexToBytes(address), 'bytes');
  return [0, 2, 4].every((at) => {
    const bit = ((digest[at]! << 8) | digest[at + 1]!) & 2047;
    return (filter[255 - (bit >> 3)]! & (1 << (bit & 7))) !== 0;
  });
}
