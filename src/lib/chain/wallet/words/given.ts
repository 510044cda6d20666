// The arguments of a call or fields of a signature, formatted one by one. Records which fields were described and which addresses
// were mentioned, so that the rest is shown as details and no signed field stays hidden.

import { getAddress, hexToBytes, isAddress, isHex, size, type AbiParameter, type Address, type Hex } from 'viem';
import { counted, listed } from '#lib/core/count-words.ts';
import { asTime } from '#lib/core/time-words.ts';
import { inPercent } from '../../words/amount-words.ts';
import { licenceWords } from '../../words/licence-words.ts';
import { shortHex, shortNumber } from '../../words/short-words.ts';
import type { WalletCall } from '../approval.ts';
import type { KnownContract } from '../explain-call.ts';
import { labelOf, meaningOf, openWords } from './labels.ts';

export interface GivenOf {
  contracts: readonly KnownContract[];
  /** Addresses are shown in full elsewhere. */
  mention(address: Address): void;
  explain(call: WalletCall): string[];
}

export interface Detail {
  label: string;
  value: string;
}

/** Signatures and proof paths: they only authenticate the other fields. */
const PROOFS = new Set(['v', 'r', 's', 'vs', 'signature', 'siblings', 'sums', 'proof', 'index']);
const MAX_TEXT = 400;
/** Long texts are cut after this length. */
export const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

/** A short text stored in 32 bytes; null when it is not one. */
export function textOf(word: Hex): string | null {
  const bytes = hexToBytes(word);
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  if (end === 0 || end > 31) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end));
    return /[\p{Cc}\p{Cf}]/u.test(text) ? null : text;
  } catch {
    return null;
  }
}

export class Given {
  readonly #fields: Record<string, unknown>;
  readonly #types: ReadonlyMap<string, AbiParameter>;
  readonly #of: GivenOf;
  readonly #told = new Set<string>();
  readonly #parts: Given[] = [];

  constructor(fields: Record<string, unknown>, types: readonly AbiParameter[], of: GivenOf) {
    this.#fields = fields;
    this.#types = new Map(types.map((type) => [type.name ?? '', type]));
    this.#of = of;
  }

  value(name: string): unknown {
    this.#told.add(name);
    return this.#fields[name];
  }
  whole(name: string): bigint {
    return BigInt(this.value(name) as bigint | number | string);
  }
  number = (name: string): string => shortNumber(this.whole(name));
  counted = (name: string, one: string): string => counted(this.whole(name), one);
  open = (name: string): string => openWords(this.whole(name));
  percent = (name: string): string => inPercent(this.whole(name));
  time = (name: string): string => asTime(this.whole(name));
  licence = (name: string): string => licenceWords(this.whole(name));
  hash = (name: string): string => shortHex(this.value(name) as Hex);
  is = (name: string): boolean => this.value(name) === true;
  list = (name: string): readonly unknown[] => this.value(name) as readonly unknown[];
  who = (name: string): string => this.address(this.value(name) as Address);
  /** A text in 32 bytes, quoted, or its hash. */
  text(name: string): string {
    return this.#word(this.value(name) as Hex);
  }
  /** The fields of a struct. */
  part(name: string): Given {
    const part = this.#partOf(this.value(name), this.#types.get(name));
    this.#parts.push(part);
    return part;
  }
  parts(name: string): Given[] {
    const type = this.#types.get(name);
    return this.list(name).map((entry) => this.#partOf(entry, type));
  }
  /** The sentence of each of several calls. */
  calls(targets: readonly unknown[], values: readonly unknown[], data: readonly unknown[]): string[] {
    return targets.flatMap((to, at) =>
      this.#of.explain({ to: to as Address, valueWei: values[at] as bigint, data: data[at] as Hex }),
    );
  }
  address(address: Address): string {
    const whole = getAddress(address);
    if (BigInt(whole) === 0n) return 'no account';
    this.#of.mention(whole);
    const known = this.#of.contracts.find((one) => getAddress(one.address) === whole);
    return known ? `${known.name} (${shortHex(whole)})` : shortHex(whole);
  }

  /** Marks all remaining fields as described: they mean nothing to users. */
  tellAll(): void {
    for (const name of Object.keys(this.#fields)) this.#told.add(name);
    this.#parts.length = 0;
  }
  /** All fields that no sentence has described yet. */
  rest(): Detail[] {
    const own = Object.keys(this.#fields)
      .filter((name) => !this.#told.has(name) && !PROOFS.has(name))
      .map((name) => ({ label: labelOf(name), value: this.#words(name, this.#fields[name], this.#types.get(name)) }));
    return [...own, ...this.#parts.flatMap((part) => part.rest())];
  }

  #partOf(value: unknown, type: AbiParameter | undefined): Given {
    return new Given(value as Record<string, unknown>, componentsOf(type), this.#of);
  }
  #word(word: Hex): string {
    if (BigInt(word) === 0n) return 'nothing';
    const text = textOf(word);
    return text === null ? shortHex(word) : `“${text}”`;
  }
  #words(name: string, value: unknown, type: AbiParameter | undefined): string {
    if (Array.isArray(value)) {
      const each = value.map((one) => this.#words(name, one, type));
      return each.length === 0 ? 'none' : cut(listed(each));
    }
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    if (typeof value === 'bigint' || typeof value === 'number') return meaningOf(name, BigInt(value));
    if (typeof value === 'string') {
      if (isAddress(value)) return this.address(value);
      if (isHex(value)) return type?.type.startsWith('bytes32') ? this.#word(value) : bytesWords(value);
      return cut(value);
    }
    if (value === null || value === undefined) return 'nothing';
    return cut(
      this.#partOf(value, type)
        .rest()
        .map((one) => `${one.label}: ${one.value}`)
        .join('; '),
    );
  }
}

const componentsOf = (type: AbiParameter | undefined): readonly AbiParameter[] =>
  type && 'components' in type ? type.components : [];

const bytesWords = (hex: Hex): string => (size(hex) > 8 ? `${counted(size(hex), 'byte')}, ${shortHex(hex)}` : hex);
