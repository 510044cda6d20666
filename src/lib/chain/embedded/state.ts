// Accounts, code and storage of the chain in flat maps with an undo log: a checkpoint is one number, and a revert costs as much
// as the changes since. Keeps no tries, so there are no state roots: no other node verifies this chain, and replaying its blocks
// proves more than a root would. `dumpState` gives a digest for comparison.

import type { AccountFields, StateManagerInterface } from '@ethereumjs/common';
import { type Account, type Address, bytesToHex, createAccount, KECCAK256_NULL } from '@ethereumjs/util';
import { keccak256 } from 'viem';

interface AccountRecord {
  readonly nonce: bigint;
  readonly balanceWei: bigint;
  readonly codeHash: Uint8Array;
}

type Slots = Map<string, Uint8Array>;

const NO_BYTES = new Uint8Array();

/** Values of slots at the start of the transaction; the gas cost of a write depends on them. */
class OriginalSlots {
  readonly #values = new Map<string, Uint8Array>();
  readonly #read: (address: Address, key: Uint8Array) => Uint8Array;

  constructor(read: (address: Address, key: Uint8Array) => Uint8Array) {
    this.#read = read;
  }

  async get(address: Address, key: Uint8Array): Promise<Uint8Array> {
    const name = address.toString() + bytesToHex(key);
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const value = this.#read(address, key);
    this.#values.set(name, value);
    return value;
  }

  clear(): void {
    this.#values.clear();
  }
}

export class JournaledState implements StateManagerInterface {
  readonly accounts = new Map<string, AccountRecord>();
  readonly slots = new Map<string, Slots>();
  /** Code by hash, never removed: unreferenced code is harmless and rare. */
  readonly codes = new Map<string, Uint8Array>();
  readonly originalStorageCache = new OriginalSlots((address, key) => this.#slot(address, key));

  readonly #undo: (() => void)[] = [];
  readonly #marks: number[] = [];

  /** Number of open checkpoints. */
  get depth(): number {
    return this.#marks.length;
  }

  #remember(undo: () => void): void {
    if (this.#marks.length > 0) this.#undo.push(undo);
  }

  #setAccount(key: string, record: AccountRecord | undefined): void {
    const before = this.accounts.get(key);
    this.#remember(() => (before ? this.accounts.set(key, before) : this.accounts.delete(key)));
    if (record) this.accounts.set(key, record);
    else this.accounts.delete(key);
  }

  #slot(address: Address, key: Uint8Array): Uint8Array {
    return this.slots.get(address.toString())?.get(bytesToHex(key)) ?? NO_BYTES;
  }

  async getAccount(address: Address): Promise<Account | undefined> {
    const record = this.accounts.get(address.toString());
    // A new object each time: the interpreter modifies accounts in place before it decides to keep the changes.
    return record && createAccount({ nonce: record.nonce, balance: record.balanceWei, codeHash: record.codeHash });
  }

  async putAccount(address: Address, account?: Account): Promise<void> {
    this.#setAccount(
      address.toString(),
      account && { nonce: account.nonce, balanceWei: account.balance, codeHash: account.codeHash },
    );
  }

  async deleteAccount(address: Address): Promise<void> {
    this.#setAccount(address.toString(), undefined);
    await this.clearStorage(address);
  }

  async modifyAccountFields(address: Address, fields: AccountFields): Promise<void> {
    const account = (await this.getAccount(address)) ?? createAccount({});
    if (fields.nonce !== undefined) account.nonce = fields.nonce;
    if (fields.balance !== undefined) account.balance = fields.balance;
    if (fields.codeHash !== undefined) account.codeHash = fields.codeHash;
    await this.putAccount(address, account);
  }

  async putCode(address: Address, code: Uint8Array): Promise<void> {
    const codeHash = code.length === 0 ? KECCAK256_NULL : keccak256(code, 'bytes');
    this.codes.set(bytesToHex(codeHash), code);
    await this.modifyAccountFields(address, { codeHash });
  }

  async getCode(address: Address): Promise<Uint8Array> {
    const record = this.accounts.get(address.toString());
    return (record && this.codes.get(bytesToHex(record.codeHash))) ?? NO_BYTES;
  }

  async getCodeSize(address: Address): Promise<number> {
    return (await this.getCode(address)).length;
  }

  async getStorage(address: Address, key: Uint8Array): Promise<Uint8Array> {
    return this.#slot(address, key);
  }

  /** `value` is the shortest big-endian form; empty bytes clear the slot. */
  async putStorage(address: Address, key: Uint8Array, value: Uint8Array): Promise<void> {
    const owner = address.toString();
    const slot = bytesToHex(key);
    let slots = this.slots.get(owner);
    if (!slots) this.slots.set(owner, (slots = new Map<string, Uint8Array>()));
    const before = slots.get(slot);
    const own = slots;
    this.#remember(() => (before ? own.set(slot, before) : own.delete(slot)));
    if (value.length === 0) own.delete(slot);
    else own.set(slot, value);
  }

  async clearStorage(address: Address): Promise<void> {
    const owner = address.toString();
    const before = this.slots.get(owner);
    if (!before) return;
    this.#remember(() => this.slots.set(owner, before));
    this.slots.delete(owner);
  }

  async checkpoint(): Promise<void> {
    this.#marks.push(this.#undo.length);
  }

  async commit(): Promise<void> {
    this.#marks.pop();
    if (this.#marks.length === 0) this.#undo.length = 0;
  }

  async revert(): Promise<void> {
    const mark = this.#marks.pop() ?? 0;
    while (this.#undo.length > mark) this.#undo.pop()!();
  }

  async getStateRoot(): Promise<Uint8Array> {
    return new Uint8Array(32);
  }

  async setStateRoot(): Promise<void> {
    throw new Error('This state has no roots.');
  }

  async hasStateRoot(): Promise<boolean> {
    return false;
  }

  clearCaches(): void {
    this.originalStorageCache.clear();
  }

  shallowCopy(): StateManagerInterface {
    throw new Error('This state is one of a kind; open a checkpoint instead.');
  }
}
