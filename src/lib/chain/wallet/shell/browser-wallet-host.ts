// The wallet's host in a browser.

import type { WalletHost } from '../wallet-host.ts';
import { browserPasskeys } from './passkeys.ts';
import { createWalletStore } from './wallet-store.ts';

export const browserWalletHost = (): WalletHost => ({
  crypto,
  store: createWalletStore(),
  passkeys: browserPasskeys(),
  now: () => Date.now(),
  later(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  inTurn: (name, work) => navigator.locks.request(name, work),
});
