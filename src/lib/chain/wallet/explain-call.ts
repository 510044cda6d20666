// One call in words: what it does, to whom, for how much. It decodes what it knows and shows the rest as it is; it never
// guesses.

import {
  decodeFunctionData,
  getAbiItem,
  getAddress,
  isAddress,
  size,
  stringify,
  type Abi,
  type AbiFunction,
  type Address,
} from 'viem';
import { openTokenAbi } from '../abi/open-token.ts';
import { asTime, inEther, inOpen } from '../amount-words.ts';
import type { WalletCall } from './approval.ts';

/** A contract of the product on the chain at hand. */
export interface KnownContract {
  name: string;
  address: Address;
  abi: Abi;
}

export interface Known {
  chainName: string;
  open: Address;
  contracts: readonly KnownContract[];
}

const MAX_VALUE = 400;
/** Long values are shown by their beginning. */
export const cut = (text: string): string => (text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text);
export const nameOf = (address: Address, { contracts }: Known): string => {
  const known = contracts.find((contract) => contract.address === address);
  return known ? `${known.name} (${address})` : address;
};

const TIMES = new Set(['deadline', 'validAfter', 'validBefore', 'closeAt']);
const isWhole = (value: unknown): value is number | bigint => typeof value === 'bigint' || typeof value === 'number';

/**
 * A value given to a contract of the product, by the name it has there: these count OPEN in `amount` and `value`, and time in
 * seconds.
 */
export function valueWords(name: string | undefined, value: unknown, known: Known): string {
  if (isWhole(value) && (name === 'amount' || name === 'value')) return inOpen(BigInt(value));
  if (isWhole(value) && name !== undefined && TIMES.has(name)) return asTime(BigInt(value));
  if (typeof value === 'string') return isAddress(value) ? nameOf(getAddress(value), known) : cut(value);
  return cut(stringify(value).replaceAll('"', ''));
}

function openSentence(data: WalletCall['data'], known: Known): string | null {
  try {
    const { functionName, args } = decodeFunctionData({ abi: openTokenAbi, data });
    if (functionName === 'transfer') return `Pay ${inOpen(args[1])} to ${nameOf(args[0], known)}.`;
    if (functionName !== 'approve') return null;
    const spender = nameOf(args[0], known);
    return args[1] === 0n
      ? `Let ${spender} take none of your OPEN any more.`
      : `Let ${spender} take up to ${inOpen(args[1])} of yours.`;
  } catch {
    return null;
  }
}

/** One sentence or two, each with its full stop. */
export function explainCall({ to, valueWei, data }: WalletCall, known: Known): string[] {
  if (to === null) return [`Deploy a contract of ${size(data)} bytes.`];
  const target = nameOf(to, known);
  if (data === '0x') return [`Pay ${inEther(valueWei)} to ${target}.`];
  const paid = valueWei > 0n ? [`Pay ${inEther(valueWei)} to ${target} with it.`] : [];
  const ofOpen = to === known.open ? openSentence(data, known) : null;
  if (ofOpen !== null) return [ofOpen, ...paid];
  const contract = known.contracts.find(({ address }) => address === to);
  if (contract) {
    try {
      const { functionName, args = [] } = decodeFunctionData({ abi: contract.abi, data });
      const { inputs } = getAbiItem({ abi: contract.abi, name: functionName, args: args }) as AbiFunction;
      const given = args.map((value, at) => [inputs[at]?.name, valueWords(inputs[at]?.name, value, known)]);
      const words = given.map((pair) => pair.filter(Boolean).join(' ')).join(', ');
      return [`Call “${functionName}” of ${target}${words === '' ? '' : `: ${words}`}.`, ...paid];
    } catch {
      // Shown below as bytes.
    }
  }
  return [`Call ${target} with ${size(data)} bytes that this app cannot read: ${cut(data)}`, ...paid];
}
