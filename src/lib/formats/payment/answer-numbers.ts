// The numbers of an answer before the AttributionCourt: 12 bytes each, one after the other, as contracts/src/attribution/lib/
// Numbers.sol reads them.

import { fromHex, joinBytes, toHex, uintBytes, type Hex } from '#lib/core/bytes.ts';
import { OutOfRangeError } from '#lib/core/errors.ts';

const SIZE = 12;

/** @throws OutOfRangeError for a number beyond 96 bits */
export const packNumbers = (numbers: readonly bigint[]): Hex =>
  toHex(joinBytes(numbers.map((number) => uintBytes(number, SIZE))));

/**
 * @library For watchers that follow a game by its events.
 * @throws OutOfRangeError for bytes that end within a number
 */
export function unpackNumbers(packed: Hex): bigint[] {
  const bytes = fromHex(packed);
  if (bytes.length % SIZE !== 0) throw new OutOfRangeError(`${bytes.length} bytes are no numbers of ${SIZE}`);
  return Array.from({ length: bytes.length / SIZE }, (_, at) =>
    BigInt(toHex(bytes.subarray(at * SIZE, (at + 1) * SIZE))),
  );
}
