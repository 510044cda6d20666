// Keeps a value that was read from the chain current: reads it again at each refresh, and starts over when the chain or the
// account changes, since the old value no longer applies.

import { untrack } from 'svelte';
import type { WalletState } from '#lib/state/wallet.svelte.ts';
import { chainModeState as mode } from './chain-mode.ts';
import { chainRefresh } from './chain-refresh.svelte.ts';

interface Refreshable {
  refresh(): Promise<void>;
  startOver(): Promise<void>;
}

/** Call while a component is created. `dependsOn` reads the state that the value depends on besides chain and account. */
export function keepCurrent(value: Refreshable, wallet: WalletState, dependsOn: () => unknown = () => null): void {
  let last: string | null = null;
  $effect(() => {
    const now = `${mode.chain.id} ${wallet.address ?? ''}`;
    void chainRefresh.count;
    dependsOn();
    untrack(() => {
      void (last === null || last === now ? value.refresh() : value.startOver());
      last = now;
    });
  });
}
