// Asks for a wallet when an action needs one; the action continues once there is one.

import type { WalletState } from '#lib/state/wallet.svelte.ts';

class WalletPrompt {
  isOpen = $state(false);
  #waiting: ((hasWallet: boolean) => void)[] = [];

  /** Opens the prompt if no wallet is connected. False when the user closed it without creating or connecting one. */
  ensure(wallet: WalletState): Promise<boolean> {
    if (wallet.status !== 'disconnected') return Promise.resolve(true);
    this.isOpen = true;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(hasWallet: boolean) {
    this.isOpen = false;
    for (const resolve of this.#waiting.splice(0)) resolve(hasWallet);
  }
}

export const walletPrompt = new WalletPrompt();
