// The wallet of this device: one secret, sealed by a passkey or by a key that this browser stores, and unlocked while in use. It
// gives out the account while unlocked; it does not show or sign anything.

import { bytesToHex, type Address } from 'viem';
import type { PrivateKeyAccount } from 'viem/accounts';
import { NoWalletError, PasskeyError, WalletExistsError, WalletLockedError, CannotUnsealError } from './errors.ts';
import { accountOf, entropyOf, wordsOf } from './phrase.ts';
import { bytesOf, deriveKey, drawKey, seal, unseal, type Bytes } from './seal.ts';
import type { WalletHost } from './wallet-host.ts';
import { parseWalletRecord, walletContext, type Guard, type WalletRecord } from './wallet-record.ts';

/** Idle milliseconds after which the wallet locks. */
export const LOCK_AFTER_MS = 15 * 60 * 1000;

export type GuardKind = Guard['kind'];

/** Public facts about the wallet. */
export interface WalletInfo {
  address: Address;
  guard: GuardKind;
  createdAtMs: number;
  backedUpAtMs: number | null;
  isUnlocked: boolean;
}

export interface Unlocked {
  account: PrivateKeyAccount;
  /** Seals the account's session keys; derived from the same secret, so available only while unlocked. */
  sessionsKey: CryptoKey;
}

export interface Keystore {
  /** Null when there is no wallet. Rejects with `WalletRecordError` when the record is damaged. */
  read(): Promise<WalletInfo | null>;
  /** Creates a wallet and leaves it unlocked; with `phrase`, restores the one of these words. */
  create(guard: GuardKind, phrase?: string, signal?: AbortSignal): Promise<WalletInfo>;
  /** Requests the passkey if that is the guard. Does nothing when unlocked. */
  unlock(): Promise<void>;
  lock(): void;
  /** Restarts the idle timer. */
  touch(): void;
  /** Throws `WalletLockedError` when locked. */
  unlocked(): Unlocked;
  /** The backup words. Requests the guard again, even when unlocked, and leaves the wallet unlocked. */
  words(): Promise<string[]>;
  markBackedUp(): Promise<void>;
  /** Deletes the wallet from this device, damaged or not. Without its words it is lost. */
  forget(): Promise<void>;
  /** Calls back after every change of the above; returns a function that stops it. */
  subscribe(listener: () => void): () => void;
}

export function createKeystore(host: WalletHost): Keystore {
  const { crypto, store } = host;
  const listeners = new Set<() => void>();
  let open: (Unlocked & { usedAtMs: number }) | null = null;
  let unlocking: Promise<void> | null = null;
  let cancelTimer = () => {};

  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  const lock = () => {
    cancelTimer();
    if (!open) return;
    open = null;
    tell();
  };
  const isIdle = () => open !== null && host.now() - open.usedAtMs >= LOCK_AFTER_MS;
  const watch = () => {
    cancelTimer();
    if (!open) return;
    const leftMs = LOCK_AFTER_MS - (host.now() - open.usedAtMs);
    cancelTimer = leftMs > 0 ? host.later(leftMs, watch) : () => {};
    if (leftMs <= 0) lock();
  };

  const readRecord = async () => parseWalletRecord(await store.read());
  const needRecord = async () => {
    const record = await readRecord();
    if (!record) throw new NoWalletError();
    return record;
  };
  const infoOf = ({ address, guard, createdAtMs, backedUpAtMs }: WalletRecord): WalletInfo => ({
    address,
    guard: guard.kind,
    createdAtMs,
    backedUpAtMs,
    isUnlocked: open?.account.address === address && !isIdle(),
  });

  const passkeys = () => {
    if (!host.passkeys) throw new PasskeyError('unavailable');
    return host.passkeys;
  };
  const passkeyKey = async (secret: Bytes, salt: Bytes) => {
    const key = await deriveKey(crypto, secret, salt, 'payable/wallet@1');
    secret.fill(0);
    return key;
  };
  const makeGuard = async (
    kind: GuardKind,
    address: Address,
    signal?: AbortSignal,
  ): Promise<{ guard: Guard; key: CryptoKey }> => {
    if (kind === 'device') return { guard: { kind }, key: await drawKey(crypto) };
    const salt = crypto.getRandomValues(new Uint8Array(32));
    const label = `Payable wallet ${address.slice(0, 6)}…${address.slice(-4)}`;
    const { credentialId, secret } = await passkeys().create({ label, salt, signal });
    const guard = { kind, credentialId: bytesToHex(credentialId), salt: bytesToHex(salt) } as const;
    return { guard, key: await passkeyKey(secret, salt) };
  };
  const keyOf = async ({ guard }: WalletRecord): Promise<CryptoKey> => {
    if (guard.kind === 'device') {
      const key = await store.deviceKey();
      if (!key) throw new CannotUnsealError('wallet', 'the key of this browser is gone');
      return key;
    }
    const salt = bytesOf(guard.salt);
    return passkeyKey(await passkeys().secretOf(bytesOf(guard.credentialId), salt), salt);
  };
  const secretOf = async (record: WalletRecord) =>
    unseal(crypto, await keyOf(record), record, walletContext(record), 'wallet');

  const use = async (entropy: Bytes, address: Address) => {
    const account = accountOf(entropy);
    if (account.address !== address) throw new CannotUnsealError('wallet');
    const sessionsKey = await deriveKey(crypto, entropy, bytesOf(address), 'payable/session-keys@1');
    open = { account, sessionsKey, usedAtMs: host.now() };
    watch();
    tell();
  };

  store.onChange(() => {
    void readRecord().then(
      (record) => {
        if (open && open.account.address !== record?.address) lock();
        else tell();
      },
      () => lock(),
    );
  });

  return {
    async read() {
      const record = await readRecord();
      return record && infoOf(record);
    },
    async create(kind, phrase, signal) {
      const entropy = phrase === undefined ? crypto.getRandomValues(new Uint8Array(16)) : entropyOf(phrase);
      try {
        // Check before creating a passkey, so that none is created in vain; the store decides in the end.
        const known = await readRecord();
        if (known) throw new WalletExistsError(known.address);
        const { address } = accountOf(entropy);
        const { guard, key } = await makeGuard(kind, address, signal);
        const createdAtMs = host.now();
        const context = walletContext({ version: 1, address, guard });
        const record: WalletRecord = {
          version: 1,
          address,
          guard,
          ...(await seal(crypto, key, entropy, context)),
          createdAtMs,
          // The user has just typed the words, so they have a backup.
          backedUpAtMs: phrase === undefined ? null : createdAtMs,
        };
        if (!(await store.add(record, kind === 'device' ? key : null))) throw new WalletExistsError('made meanwhile');
        await use(entropy, address);
        return infoOf(record);
      } finally {
        entropy.fill(0);
      }
    },
    unlock() {
      if (open && !isIdle()) return Promise.resolve();
      unlocking ??= (async () => {
        const record = await needRecord();
        const entropy = await secretOf(record);
        try {
          await use(entropy, record.address);
        } finally {
          entropy.fill(0);
        }
      })().finally(() => (unlocking = null));
      return unlocking;
    },
    lock,
    touch() {
      if (open && !isIdle()) open.usedAtMs = host.now();
    },
    unlocked() {
      if (isIdle()) lock();
      if (!open) throw new WalletLockedError();
      open.usedAtMs = host.now();
      return { account: open.account, sessionsKey: open.sessionsKey };
    },
    async words() {
      const record = await needRecord();
      const entropy = await secretOf(record);
      try {
        // Showing the words counts as use: it restarts the idle timer, whose lock also hides the words.
        await use(entropy, record.address);
        return wordsOf(entropy);
      } finally {
        entropy.fill(0);
      }
    },
    async markBackedUp() {
      const record = await needRecord();
      await store.replace({ ...record, backedUpAtMs: host.now() });
      tell();
    },
    async forget() {
      await store.clear();
      lock();
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
