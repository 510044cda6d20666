// Parses pages' requests to the wallet (EIP-1193, EIP-712 and EIP-5792): checks and bounds everything before it is shown to the
// user.

import {
  getAddress,
  hexToString,
  isAddress,
  isHex,
  size,
  validateTypedData,
  type Address,
  type Hex,
  type TypedDataDefinition,
} from 'viem';
import { RPC_CODES } from '../errors.ts';
import { ProviderError } from '../embedded/provider.ts';
import type { WalletCall } from './approval.ts';

const MAX_BYTES = 128 * 1024;
const MAX_CALLS = 64;

export const badParams = (what: string): ProviderError => new ProviderError(RPC_CODES.invalidParams, what);

export const listOf = (params: unknown): unknown[] => (Array.isArray(params) ? (params as unknown[]) : []);

const objectOf = (value: unknown, name: string): Record<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badParams(`${name} must be an object`);
  return value as Record<string, unknown>;
};

const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

export function addressOf(value: unknown, name: string): Address {
  if (typeof value !== 'string' || !isAddress(value, { strict: false })) throw badParams(`${name} must be an address`);
  return getAddress(value);
}

export function quantityOf(value: unknown, name: string): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(value)) throw badParams(`${name} must be a quantity`);
  return BigInt(value);
}

const optionalQuantity = (value: unknown, name: string): bigint | undefined =>
  isAbsent(value) ? undefined : quantityOf(value, name);

function bytesOf(value: unknown, name: string): Hex {
  if (!isHex(value) || value.length % 2 !== 0) throw badParams(`${name} must be bytes as hex`);
  if (size(value) > MAX_BYTES) throw badParams(`${name} is too long: at most ${MAX_BYTES} bytes`);
  return value;
}

function callOf(value: unknown, name: string): WalletCall {
  const { to, value: amount, data, input } = objectOf(value, name);
  const bytes = isAbsent(data) ? input : data;
  const call: WalletCall = {
    to: isAbsent(to) ? null : addressOf(to, `${name}.to`),
    valueWei: optionalQuantity(amount, `${name}.value`) ?? 0n,
    data: isAbsent(bytes) ? '0x' : bytesOf(bytes, `${name}.data`),
  };
  if (call.to === null && call.data === '0x') throw badParams(`${name} has neither a receiver nor code to deploy`);
  return call;
}

export interface SendRequest {
  from: Address;
  chainId: number | undefined;
  calls: readonly WalletCall[];
  gas?: bigint;
  nonce?: number;
  maxFeePerGas?: bigint;
  maxPriorityFeePerGas?: bigint;
}

/** The object of `eth_sendTransaction`. */
export function readTransaction(value: unknown): SendRequest {
  const fields = objectOf(value, 'transaction');
  const gas = optionalQuantity(fields['gas'], 'transaction.gas');
  const nonce = optionalQuantity(fields['nonce'], 'transaction.nonce');
  const cap = optionalQuantity(fields['maxFeePerGas'] ?? fields['gasPrice'], 'transaction.maxFeePerGas');
  const tip = optionalQuantity(fields['maxPriorityFeePerGas'], 'transaction.maxPriorityFeePerGas');
  if (!isAbsent(fields['authorizationList'])) throw badParams('authorizations of a page are not signed here');
  return {
    from: addressOf(fields['from'], 'transaction.from'),
    chainId: isAbsent(fields['chainId']) ? undefined : Number(quantityOf(fields['chainId'], 'transaction.chainId')),
    calls: [callOf(fields, 'transaction')],
    ...(gas === undefined ? {} : { gas }),
    ...(nonce === undefined ? {} : { nonce: Number(nonce) }),
    ...(cap === undefined ? {} : { maxFeePerGas: cap }),
    ...(tip === undefined ? {} : { maxPriorityFeePerGas: tip }),
  };
}

/** The object of `wallet_sendCalls` (EIP-5792, version 2.0.0). Unknown capabilities are refused, not ignored. */
export function readCalls(value: unknown, account: Address): SendRequest {
  const { version, from, chainId, calls, capabilities } = objectOf(value, 'request');
  if (version !== '2.0.0' && version !== '1.0') throw badParams('request.version must be 2.0.0');
  if (!Array.isArray(calls) || calls.length === 0 || calls.length > MAX_CALLS) {
    throw badParams(`request.calls must be a list of 1 to ${MAX_CALLS}`);
  }
  const asked = [capabilities, ...(calls as unknown[]).map((call) => objectOf(call, 'call')['capabilities'])];
  for (const one of asked) {
    for (const [name, wish] of Object.entries(isAbsent(one) ? {} : objectOf(one, 'capabilities'))) {
      const optional = typeof wish === 'object' && wish !== null && (wish as { optional?: unknown }).optional === true;
      if (name !== 'atomic' && !optional)
        throw new ProviderError(5700, `the capability ${name.slice(0, 40)} is not offered`);
    }
  }
  return {
    from: isAbsent(from) ? account : addressOf(from, 'request.from'),
    chainId: Number(quantityOf(chainId, 'request.chainId')),
    calls: (calls as unknown[]).map((call, at) => callOf(call, `request.calls[${at}]`)),
  };
}

/** Control characters, characters that reorder or hide text, private and unassigned characters, and bytes that were not UTF-8. */
const HIDDEN = /[^\n\t\P{C}]|\ufffd/u;

/** The message of `personal_sign`: as hex, and as text if it is text. */
export function readMessage(value: unknown): { raw: Hex; text: string | null } {
  if (typeof value !== 'string' || value.length > 2 * MAX_BYTES) throw badParams('the message must be a text');
  if (!isHex(value) || value.length % 2 !== 0) throw badParams('the message must be bytes as hex');
  const text = hexToString(value);
  return { raw: value, text: HIDDEN.test(text) ? null : text };
}

/** The data of `eth_signTypedData_v4`: an object or its JSON, whole and consistent. */
export function readTypedData(value: unknown): TypedDataDefinition {
  let data: unknown = value;
  if (typeof value === 'string') {
    if (value.length > MAX_BYTES) throw badParams('the typed data is too long');
    try {
      data = JSON.parse(value);
    } catch {
      throw badParams('the typed data is no JSON');
    }
  }
  const { domain, types, primaryType, message } = objectOf(data, 'typed data');
  const definition = { domain, types, primaryType, message } as TypedDataDefinition;
  objectOf(domain, 'typed data.domain');
  objectOf(types, 'typed data.types');
  objectOf(message, 'typed data.message');
  try {
    validateTypedData(definition);
  } catch (error) {
    throw badParams(`the typed data does not fit its types: ${error instanceof Error ? error.message : String(error)}`);
  }
  return definition;
}
