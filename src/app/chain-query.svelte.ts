// A value that a page reads from the chain and that stays current while the page is open.

import { Fetched } from '#lib/state/fetched.svelte.ts';
import type { WalletState } from '#lib/state/wallet.svelte.ts';
import { keepCurrent } from './keep-current.svelte.ts';

/** Call while a component is created. `dependsOn` reads the state that `read` depends on besides chain and account. */
export function chainQuery<T>(wallet: WalletState, read: () => Promise<T>, dependsOn?: () => unknown): Fetched<T> {
  const fetched = new Fetched(read);
  keepCurrent(fetched, wallet, dependsOn);
  return fetched;
}
