// Amounts as text, exact and never rounded unless stated.

import { formatUnits } from 'viem';

const grouped = (decimal: string): string => {
  const [whole, part] = decimal.split('.');
  return `${whole!.replaceAll(/\B(?=(\d{3}){1,30}$)/g, ',')}${part === undefined ? '' : `.${part}`}`;
};

export const inOpen = (wei: bigint): string => `${grouped(formatUnits(wei, 18))} OPEN`;
/** Rounded down to six decimals: for balances, which are only displayed, never signed. */
const brief = (wei: bigint): bigint => wei - (wei % 10n ** 12n);
export const briefOpen = (wei: bigint): string =>
  wei > 0n && brief(wei) === 0n ? 'less than 0.000001 OPEN' : inOpen(brief(wei));
export const briefEther = (wei: bigint): string =>
  wei > 0n && brief(wei) === 0n ? 'less than 0.000001 ETH' : inEther(brief(wei));
/** Rounded down to whole OPEN: for tables and charts. */
export const inWholeOpen = (wei: bigint): string => `${grouped(String(wei / 10n ** 18n))} OPEN`;
export const inEther = (wei: bigint): string => `${grouped(formatUnits(wei, 18))} ETH`;
/** An estimate: three digits, rounded up. */
export function aboutEther(wei: bigint): string {
  const unit = 10n ** BigInt(Math.max(0, String(wei).length - 3));
  return inEther(((wei + unit - 1n) / unit) * unit);
}
export const inPercent = (bps: bigint): string => `${formatUnits(bps, 2)} %`;
