// The state as plain data in canonical order, so that equal states have equal digests. Used for genesis, snapshots and exports.
// Parses untrusted input.

import { bytesToHex, createAccount, createAddressFromString, hexToBytes, setLengthLeft } from '@ethereumjs/util';
import { sha256, stringToBytes, type Hex } from 'viem';
import { BadChainFileError } from '../errors.ts';
import { JournaledState } from './state.ts';

/** One account: quantities and bytes in lower-case hex, storage as sorted pairs of 32-byte slot and shortest value. */
export interface AccountDump {
  address: Hex;
  nonce: Hex;
  balanceWei: Hex;
  code: Hex;
  storage: [slot: Hex, value: Hex][];
}

const byFirst = (a: readonly [string, unknown], b: readonly [string, unknown]) => (a[0] < b[0] ? -1 : 1);

/** All accounts and storage, sorted by address and slot. */
export function dumpState(state: JournaledState): AccountDump[] {
  return [...state.accounts].sort(byFirst).map(([address, record]) => ({
    address: address as Hex,
    nonce: `0x${record.nonce.toString(16)}`,
    balanceWei: `0x${record.balanceWei.toString(16)}`,
    code: bytesToHex(state.codes.get(bytesToHex(record.codeHash)) ?? new Uint8Array()),
    storage: [...(state.slots.get(address) ?? [])]
      .sort(byFirst)
      .map(([slot, value]): [Hex, Hex] => [slot as Hex, bytesToHex(value)]),
  }));
}

/** sha256 of a dump (much faster in JavaScript than keccak256). Not a state root. */
export const digestDump = (accounts: AccountDump[]): Hex => sha256(stringToBytes(JSON.stringify(accounts)));

/** A new state with the dump's content. */
export async function loadState(accounts: readonly AccountDump[]): Promise<JournaledState> {
  const state = new JournaledState();
  for (const { address: text, nonce, balanceWei, code, storage } of accounts) {
    const address = createAddressFromString(text);
    await state.putAccount(address, createAccount({ nonce: BigInt(nonce), balance: BigInt(balanceWei) }));
    if (code !== '0x') await state.putCode(address, hexToBytes(code));
    for (const [slot, value] of storage) {
      await state.putStorage(address, setLengthLeft(hexToBytes(slot), 32), hexToBytes(value));
    }
  }
  return state;
}

const ADDRESS = /^0x[0-9a-f]{40}$/;
const QUANTITY = /^0x(0|[1-9a-f][0-9a-f]{0,63})$/;
const CODE = /^0x([0-9a-f]{2}){0,24576}$/;
const SLOT = /^0x[0-9a-f]{64}$/;
const VALUE = /^0x(?!00)([0-9a-f]{2}){1,32}$/;

const isPair = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string');

/** Checks that `value` is a dump in canonical order. `file` is used in errors. */
export function parseStateDump(value: unknown, file: string): AccountDump[] {
  if (!Array.isArray(value)) throw new BadChainFileError(file, 'its accounts are not a list');
  let last = '';
  for (const [at, entry] of (value as unknown[]).entries()) {
    const { address, nonce, balanceWei, code, storage } = (entry ?? {}) as Record<string, unknown>;
    const bad = (what: string) => new BadChainFileError(file, `account ${at} has ${what}`);
    if (typeof address !== 'string' || !ADDRESS.test(address)) throw bad('no valid address');
    if (address <= last) throw bad('an address out of order');
    last = address;
    if (typeof nonce !== 'string' || !QUANTITY.test(nonce) || nonce.length > 18) throw bad('no valid nonce');
    if (typeof balanceWei !== 'string' || !QUANTITY.test(balanceWei)) throw bad('no valid balance');
    if (typeof code !== 'string' || !CODE.test(code)) throw bad('no valid code');
    if (!Array.isArray(storage)) throw bad('no storage list');
    let lastSlot = '';
    for (const pair of storage as unknown[]) {
      if (!isPair(pair) || !SLOT.test(pair[0]) || !VALUE.test(pair[1])) throw bad('a storage entry that is none');
      if (pair[0] <= lastSlot) throw bad('storage out of order');
      lastSlot = pair[0];
    }
  }
  return value as AccountDump[];
}
