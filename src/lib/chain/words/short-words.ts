// Addresses, hashes and long numbers shortened to their two ends, for recognition. What is sent or signed is never shortened.

/** An address or a hash: 0x1234…abcd. */
export const shortHex = (hex: string): string => (hex.length > 14 ? `${hex.slice(0, 6)}…${hex.slice(-4)}` : hex);

/** A number of many digits, such as a proposal's. */
export function shortNumber(number: bigint): string {
  const digits = String(number);
  return digits.length > 15 ? `${digits.slice(0, 4)}…${digits.slice(-4)}` : number.toLocaleString('en');
}
