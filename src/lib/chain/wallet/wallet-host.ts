// What the wallet needs from its host: a clock, a timer, WebCrypto, storage, passkeys. Types only; the browser's versions are in
// shell/.

import type { SessionRecord } from '../vouchers/session-record.ts';
import type { WalletRecord } from './wallet-record.ts';

/** Records are returned as `unknown`, and the caller checks them. Every method is atomic: it succeeds completely or rejects. */
export interface WalletStore {
  read(): Promise<unknown>;
  /** Stores the first wallet, with its device key if there is one; false when a wallet exists. */
  add(record: WalletRecord, deviceKey: CryptoKey | null): Promise<boolean>;
  replace(record: WalletRecord): Promise<void>;
  deviceKey(): Promise<CryptoKey | null>;
  /** Drops the wallet, its key and its session keys. */
  clear(): Promise<void>;
  readSessions(): Promise<unknown[]>;
  putSession(record: SessionRecord): Promise<void>;
  dropSession(signer: string): Promise<void>;
  /** Calls back when another tab changed something; returns a function that stops it. */
  onChange(listener: () => void): () => void;
}

export interface Passkeys {
  /** Makes a passkey named `label`; `secret` is its PRF output for `salt`. Rejects with `PasskeyError`, `AbortedError`. */
  create(request: { label: string; salt: Uint8Array<ArrayBuffer>; signal?: AbortSignal | undefined }): Promise<{
    credentialId: Uint8Array<ArrayBuffer>;
    secret: Uint8Array<ArrayBuffer>;
  }>;
  /** The PRF output of that passkey for `salt`. Rejects with `PasskeyError`. */
  secretOf(credentialId: Uint8Array<ArrayBuffer>, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** Runs `work` while no other tab holds the lock `name`. */
export type InTurn = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export interface WalletHost {
  crypto: Crypto;
  store: WalletStore;
  /** Null when the browser has none. */
  passkeys: Passkeys | null;
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `work` after `ms`; returns a function that cancels it. */
  later(ms: number, work: () => void): () => void;
  inTurn: InTurn;
}
