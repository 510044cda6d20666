// Parses JSON-RPC parameters: checks and bounds every value.

import type { EOACode7702AuthorizationListItem } from '@ethereumjs/util';
import type { AccessList, Hex } from 'viem';
import { invalidParams } from '../errors.ts';
import { MAX_TX_BYTES } from './rules.ts';
import type { CallRequest } from './simulate.ts';

const MAX_LIST = 256;
const ZERO: Hex = '0x0000000000000000000000000000000000000000';

const field = (value: object, name: string): unknown => (value as Record<string, unknown>)[name];
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hexOf = (what: string, pattern: RegExp, means: string) => (value: unknown, name: string) => {
  if (typeof value !== 'string' || !pattern.test(value)) throw invalidParams(`${name} must be ${what}: ${means}`);
  return value.toLowerCase() as Hex;
};

export const readAddress = hexOf('an address', /^0x[0-9a-fA-F]{40}$/, '0x and 40 hex digits');
export const readHash = hexOf('a hash', /^0x[0-9a-fA-F]{64}$/, '0x and 64 hex digits');
const readQuantityText = hexOf('a quantity', /^0x[0-9a-fA-F]{1,64}$/, '0x and 1 to 64 hex digits');
const readBytesText = hexOf('bytes', /^0x([0-9a-fA-F]{2})*$/, '0x and pairs of hex digits');

export const readQuantity = (value: unknown, name: string): bigint => BigInt(readQuantityText(value, name));

export function readBytes(value: unknown, name: string, most = MAX_TX_BYTES): Hex {
  if (typeof value === 'string' && value.length > 2 + 2 * most) {
    throw invalidParams(`${name} is too long: at most ${most} bytes`);
  }
  return readBytesText(value, name);
}

function readList<T>(value: unknown, name: string, read: (item: unknown, name: string) => T): T[] {
  if (!Array.isArray(value)) throw invalidParams(`${name} must be a list`);
  if (value.length > MAX_LIST) throw invalidParams(`${name} is too long: at most ${MAX_LIST} entries`);
  return (value as unknown[]).map((item, at) => read(item, `${name}[${at}]`));
}

/** A number of seconds or blocks, as hex or as a plain number. */
export function readCount(value: unknown, name: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  return readQuantity(value, name);
}

export type BlockTag = 'latest' | 'earliest' | Hex | number;

/** A block number, a hash, or a tag; without forks, every tag but `earliest` means the head. */
export function readBlockTag(value: unknown, name: string): BlockTag {
  if (value === undefined || value === null) return 'latest';
  if (isObject(value)) {
    const hash = field(value, 'blockHash');
    return hash === undefined
      ? readBlockTag(field(value, 'blockNumber'), `${name}.blockNumber`)
      : readHash(hash, `${name}.blockHash`);
  }
  if (value === 'earliest') return 'earliest';
  if (value === 'latest' || value === 'pending' || value === 'safe' || value === 'finalized') return 'latest';
  const number = readQuantity(value, name);
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidParams(`${name} is not a block number`);
  return Number(number);
}

const readAccess = (value: unknown, name: string): AccessList[number] => {
  if (!isObject(value)) throw invalidParams(`${name} must be an object`);
  return {
    address: readAddress(field(value, 'address'), `${name}.address`),
    storageKeys: readList(field(value, 'storageKeys'), `${name}.storageKeys`, readHash),
  };
};

const readAuthorization = (value: unknown, name: string): EOACode7702AuthorizationListItem => {
  if (!isObject(value)) throw invalidParams(`${name} must be an object`);
  const quantity = (key: string) => readQuantityText(field(value, key), `${name}.${key}`);
  return {
    address: readAddress(field(value, 'address'), `${name}.address`),
    chainId: quantity('chainId'),
    nonce: quantity('nonce'),
    yParity: quantity('yParity'),
    r: quantity('r'),
    s: quantity('s'),
  };
};

/** State overrides of `eth_call` and `eth_estimateGas`; only an account's code can be overridden. */
function readCodes(value: unknown): CallRequest['codes'] {
  if (value === undefined || value === null) return [];
  if (!isObject(value)) throw invalidParams('state overrides must be an object');
  return readList(Object.entries(value), 'state overrides', (entry, name) => {
    const [account, change] = entry as [string, unknown];
    const address = readAddress(account, name);
    if (!isObject(change)) throw invalidParams(`${name} must be an object`);
    if (Object.keys(change).some((key) => key !== 'code')) {
      throw invalidParams(`${name}: of the state only code can be overridden here`);
    }
    return { address, code: readBytes(field(change, 'code'), `${name}.code`) };
  });
}

/** The transaction object of `eth_call` and `eth_estimateGas`, with its overrides. */
export function readCall(value: unknown, overrides?: unknown): CallRequest {
  if (!isObject(value)) throw invalidParams('transaction must be an object');
  const has = (name: string) => field(value, name) !== undefined && field(value, name) !== null;
  const optional = <T>(name: string, read: (value: unknown, name: string) => T, otherwise: T): T =>
    has(name) ? read(field(value, name), name) : otherwise;
  return {
    from: optional('from', readAddress, ZERO),
    to: optional('to', readAddress, null),
    data: optional(has('input') ? 'input' : 'data', readBytes, '0x'),
    valueWei: optional('value', readQuantity, 0n),
    gas: optional('gas', readQuantity, undefined),
    feeCapWei: optional(has('maxFeePerGas') ? 'maxFeePerGas' : 'gasPrice', readQuantity, 0n),
    accessList: optional('accessList', (list, name) => readList(list, name, readAccess), []),
    authorizations: optional('authorizationList', (list, name) => readList(list, name, readAuthorization), []),
    codes: readCodes(overrides),
  };
}

export interface LogFilter {
  from: BlockTag;
  to: BlockTag;
  blockHash: Hex | undefined;
  /** Empty means any. */
  addresses: Hex[];
  /** Per position: the topics allowed there; null means any. */
  topics: (Hex[] | null)[];
}

export function readLogFilter(value: unknown): LogFilter {
  if (!isObject(value)) throw invalidParams('filter must be an object');
  const address = field(value, 'address');
  const topics = field(value, 'topics') ?? [];
  const hash = field(value, 'blockHash');
  if (Array.isArray(topics) && topics.length > 4) throw invalidParams('topics is too long: at most 4 positions');
  return {
    from: readBlockTag(field(value, 'fromBlock'), 'fromBlock'),
    to: readBlockTag(field(value, 'toBlock'), 'toBlock'),
    blockHash: hash === undefined ? undefined : readHash(hash, 'blockHash'),
    addresses: Array.isArray(address)
      ? readList(address, 'address', readAddress)
      : address === undefined || address === null
        ? []
        : [readAddress(address, 'address')],
    topics: readList(topics, 'topics', (topic, name) =>
      topic === null ? null : Array.isArray(topic) ? readList(topic, name, readHash) : [readHash(topic, name)],
    ),
  };
}
