// Something a page asks of the chain: again at every beat, and from the start when the chain or the account is another.

import { untrack } from 'svelte';
import { Fetched } from '#lib/state/fetched.svelte.ts';
import type { WalletState } from '#lib/state/wallet.svelte.ts';
import { chainModeState as mode } from '../chain-mode.ts';
import { pulse } from './pulse.svelte.ts';

/** Call while a component is made. `also` names what else the answer depends on. */
export function asked<T>(wallet: WalletState, ask: () => Promise<T>, also: () => unknown = () => null): Fetched<T> {
  const fetched = new Fetched(ask);
  let known: string | null = null;
  $effect(() => {
    const place = `${mode.chain.id} ${wallet.address ?? ''}`;
    void pulse.beat;
    also();
    untrack(() => {
      void (known === null || known === place ? fetched.refresh() : fetched.startOver());
      known = place;
    });
  });
  return fetched;
}
