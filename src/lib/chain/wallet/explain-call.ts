// Describes a call in words: what it does, to whom, for how much. Decodes known calls and shows unknown ones as bytes; never
// guesses.

import { decodeFunctionData, getAbiItem, getAddress, size, type Abi, type AbiFunction, type Address } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { inEther } from '../words/amount-words.ts';
import { shortHex } from '../words/short-words.ts';
import type { WalletCall } from './approval.ts';
import { wordsOf } from './words/call-words.ts';
import { cut, Given, type Detail } from './words/given.ts';
import { spokenName } from './words/labels.ts';

/** A contract of the product on the current chain. */
export interface KnownContract {
  name: string;
  address: Address;
  abi: Abi;
}

export interface Known {
  chainName: string;
  contracts: readonly KnownContract[];
  /** Where the app was opened from, like `payable.example`. */
  host?: string;
}

export interface ExplainedCall {
  /** Each with its full stop. */
  sentences: string[];
  /** Values that no sentence mentions. */
  details: Detail[];
  /** All mentioned addresses, which sentences abbreviate. */
  addresses: Address[];
}

/** Proposals may nest calls. */
const MAX_DEPTH = 3;

export const contractAt = (address: Address, { contracts }: Pick<Known, 'contracts'>): KnownContract | undefined =>
  contracts.find((one) => getAddress(one.address) === getAddress(address));

/** An address in full with its name. */
export function fullName(address: Address, known: Pick<Known, 'contracts'>): string {
  const contract = contractAt(address, known);
  return contract ? `${contract.name}: ${address}` : address;
}

export function explainCall(call: WalletCall, known: Pick<Known, 'contracts'>, depth = 0): ExplainedCall {
  const addresses = new Set<Address>();
  const details: Detail[] = [];
  const given = (fields: Record<string, unknown>, inputs: AbiFunction['inputs']): Given =>
    new Given(fields, inputs, {
      contracts: known.contracts,
      mention: (address) => addresses.add(address),
      explain: (inner) => {
        if (depth >= MAX_DEPTH) return ['And more, which lies too deep to be shown.'];
        const told = explainCall(inner, known, depth + 1);
        told.addresses.forEach((address) => addresses.add(address));
        details.push(...told.details);
        return told.sentences;
      },
    });
  const sentences = ((): string[] => {
    const { to, valueWei, data } = call;
    if (to === null) return [`Deploy a contract of ${counted(size(data), 'byte')}.`];
    const target = given({}, []).address(to);
    if (data === '0x') return [`Pay ${inEther(valueWei)} to ${target}.`];
    const paid = valueWei > 0n ? [`Pay ${inEther(valueWei)} to ${target} with it.`] : [];
    const contract = contractAt(to, known);
    const read = contract && decoded(contract, data);
    if (!contract || !read) {
      const bytes = counted(size(data), 'byte');
      return [`Call ${target} with ${bytes} that this app cannot read: ${cut(data)}`, ...paid];
    }
    const fields = given(read.fields, read.inputs);
    const words = wordsOf(contract.name, read.name)?.(fields);
    const told =
      words === undefined ? [`Let ${contract.name} (${shortHex(to)}) do “${spokenName(read.name)}”.`] : words;
    details.push(...fields.rest());
    return [...(typeof told === 'string' ? [told] : told), ...paid];
  })();
  return { sentences, details, addresses: [...addresses] };
}

interface Decoded {
  name: string;
  inputs: AbiFunction['inputs'];
  fields: Record<string, unknown>;
}

function decoded({ abi }: KnownContract, data: WalletCall['data']): Decoded | null {
  try {
    const { functionName, args = [] } = decodeFunctionData({ abi, data });
    const { inputs } = getAbiItem({ abi, name: functionName, args }) as AbiFunction;
    return {
      name: functionName,
      inputs,
      fields: Object.fromEntries(args.map((value, at): [string, unknown] => [inputs[at]?.name ?? '', value])),
    };
  } catch {
    // Shown as bytes.
    return null;
  }
}
