// Follows the selected chain while a page about it is open: refreshes at every block of the sandbox, whichever tab made it, and
// every ten seconds on any chain.

import { untrack } from 'svelte';
import { chainModeState as mode } from './chain-mode.ts';
import { chainRefresh } from './chain-refresh.svelte.ts';
import type { WalletApp } from './compose-wallet.ts';
import { keepCurrent } from './keep-current.svelte.ts';
import type { Sandbox } from './sandbox.ts';

const INTERVAL_MS = 10_000;

/** Call while the layout is created. */
export function followChain({ wallet, rows, sandbox }: WalletApp): void {
  $effect(() => {
    const ending = new AbortController();
    if (mode.mode === 'embedded') void followBlocks(sandbox, ending.signal);
    const timer = setInterval(() => chainRefresh.request(), INTERVAL_MS);
    return () => {
      ending.abort();
      clearInterval(timer);
    };
  });
  $effect(() => {
    void [mode.chain.id, wallet.address, chainRefresh.count];
    untrack(() => void wallet.refresh());
  });
  keepCurrent(rows, wallet);
}

async function followBlocks(sandbox: Sandbox, signal: AbortSignal) {
  try {
    for await (const _head of sandbox.heads(signal)) chainRefresh.request();
  } catch {
    // A sandbox that cannot be opened answers every request with the reason; the timer keeps asking.
  }
}
