// A wallet host for tests: records in memory, a clock moved by hand, passkeys that really compute.

import { createHmac, randomBytes } from 'node:crypto';
import { bytesToHex } from 'viem';
import { PasskeyError } from '#lib/chain/wallet/errors.ts';
import type { SessionRecord } from '#lib/chain/vouchers/session-record.ts';
import type { InTurn, Passkeys, WalletHost, WalletStore } from '#lib/chain/wallet/wallet-host.ts';
import type { WalletRecord } from '#lib/chain/wallet/wallet-record.ts';

export interface TestWalletStore extends WalletStore {
  /** Stored records; tests damage them. */
  disk: { record: WalletRecord | null; key: CryptoKey | null; sessions: Map<string, SessionRecord> };
  /** Simulates a change in another tab. */
  announce(): void;
}

export function createMemoryWalletStore(): TestWalletStore {
  const disk: TestWalletStore['disk'] = { record: null, key: null, sessions: new Map() };
  const listeners = new Set<() => void>();
  return {
    disk,
    announce: () => listeners.forEach((listener) => listener()),
    read: async () => structuredClone(disk.record),
    async add(record, key) {
      if (disk.record) return false;
      Object.assign(disk, { record: structuredClone(record), key });
      return true;
    },
    async replace(record) {
      disk.record = structuredClone(record);
    },
    deviceKey: async () => disk.key,
    async clear() {
      Object.assign(disk, { record: null, key: null });
      disk.sessions.clear();
    },
    readSessions: async () => [...disk.sessions.values()].map((record) => structuredClone(record)),
    async putSession(record) {
      disk.sessions.set(record.signer, structuredClone(record));
    },
    async dropSession(signer) {
      disk.sessions.delete(signer);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** HMAC-SHA-256 with a secret per passkey, like PRF. `seed` null declines every request. */
export function createTestPasskeys(): Passkeys & { swap(): void; declines: boolean; prompts: number } {
  const secrets = new Map<string, Uint8Array>();
  const prf = (secret: Uint8Array, salt: Uint8Array) =>
    new Uint8Array(createHmac('sha256', secret).update(salt).digest());
  return {
    declines: false,
    prompts: 0,
    /** Replaces every passkey by another one with the same id. */
    swap() {
      for (const id of secrets.keys()) secrets.set(id, randomBytes(32));
    },
    async create({ salt }) {
      this.prompts++;
      if (this.declines) throw new PasskeyError('refused');
      const credentialId = new Uint8Array(randomBytes(16));
      secrets.set(bytesToHex(credentialId), randomBytes(32));
      return { credentialId, secret: prf(secrets.get(bytesToHex(credentialId))!, salt) };
    },
    async secretOf(credentialId, salt) {
      this.prompts++;
      const secret = secrets.get(bytesToHex(credentialId));
      if (this.declines || !secret) throw new PasskeyError('refused');
      return prf(secret, salt);
    },
  };
}

/** Locks by name, granted in order of request. */
export function createTurns(): InTurn {
  const lanes = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const done = (lanes.get(name) ?? Promise.resolve()).then(work);
    lanes.set(
      name,
      done.catch(() => undefined),
    );
    return done;
  };
}

export function createTestWalletHost() {
  const store = createMemoryWalletStore();
  const passkeys = createTestPasskeys();
  const inTurn = createTurns();
  const timers = new Set<{ atMs: number; work: () => void }>();
  let nowMs = 1_700_000_000_000;
  const host: WalletHost = {
    crypto,
    store,
    passkeys,
    now: () => nowMs,
    later(ms, work) {
      const timer = { atMs: nowMs + ms, work };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    inTurn,
  };
  return {
    host,
    store,
    passkeys,
    /** Advances the clock and runs due timers. */
    pass(ms: number) {
      nowMs += ms;
      for (const timer of [...timers].filter(({ atMs }) => atMs <= nowMs)) {
        timers.delete(timer);
        timer.work();
      }
    },
  };
}
