// Asking for a wallet at the first act that needs one, and going on with that act once there is one.

import type { WalletState } from '#lib/state/wallet.svelte.ts';

class WalletDoor {
  isOpen = $state(false);
  #waiting: ((hasWallet: boolean) => void)[] = [];

  /** True when there is a wallet, asked for if need be; false when nobody made or connected one. */
  pass(wallet: WalletState): Promise<boolean> {
    if (wallet.status !== 'disconnected') return Promise.resolve(true);
    this.isOpen = true;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(hasWallet: boolean) {
    this.isOpen = false;
    for (const resolve of this.#waiting.splice(0)) resolve(hasWallet);
  }
}

export const walletDoor = new WalletDoor();
