// The wallet's records in this browser's IndexedDB, in a separate database; notifies other tabs of every change.

import Dexie, { type Table } from 'dexie';
import { WalletStorageError } from '../errors.ts';
import type { SessionRecord } from '../../vouchers/session-record.ts';
import type { WalletStore } from '../wallet-host.ts';
import type { WalletRecord } from '../wallet-record.ts';

type Kept = { key: 'wallet'; record: WalletRecord } | { key: 'device-key'; value: CryptoKey };

class WalletDatabase extends Dexie {
  kept!: Table<Kept, Kept['key']>;
  sessions!: Table<SessionRecord, string>;

  constructor(name: string) {
    super(name);
    this.version(1).stores({ kept: 'key', sessions: 'signer' });
  }
}

export function createWalletStore(name = 'payable-wallet'): WalletStore {
  const database = new WalletDatabase(name);
  const { kept, sessions } = database;
  const channel = new BroadcastChannel(name);
  const doing = async <T>(mode: 'r' | 'rw', work: () => Promise<T>): Promise<T> => {
    let result: T;
    try {
      result = await database.transaction(mode, [kept, sessions], work);
    } catch (cause) {
      throw new WalletStorageError(cause);
    }
    if (mode === 'rw') channel.postMessage('changed');
    return result;
  };
  return {
    read: () =>
      doing('r', async () => {
        const row = await kept.get('wallet');
        return row?.key === 'wallet' ? row.record : null;
      }),
    add: (record, deviceKey) =>
      doing('rw', async () => {
        if (await kept.get('wallet')) return false;
        await kept.add({ key: 'wallet', record });
        if (deviceKey) await kept.put({ key: 'device-key', value: deviceKey });
        return true;
      }),
    replace: (record) => doing('rw', async () => void (await kept.put({ key: 'wallet', record }))),
    deviceKey: () =>
      doing('r', async () => {
        const row = await kept.get('device-key');
        return row?.key === 'device-key' ? row.value : null;
      }),
    clear: () => doing('rw', async () => void (await Promise.all([kept.clear(), sessions.clear()]))),
    readSessions: () => doing('r', () => sessions.toArray()),
    putSession: (record) => doing('rw', async () => void (await sessions.put(record))),
    dropSession: (signer) => doing('rw', () => sessions.delete(signer)),
    onChange(listener) {
      const heard = () => listener();
      channel.addEventListener('message', heard);
      return () => channel.removeEventListener('message', heard);
    },
  };
}
