// The selected chain, kept in this browser. Opens no connection.

import type { Chain } from 'viem';
import { chainMode, type ChainMode } from '#lib/chain/chains.ts';

const KEY = 'payable:chain';

export class ChainModeState {
  chain: Chain = $state.raw()!;
  readonly chains: readonly [Chain, ...Chain[]];
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | null;

  /** The first of `chains` is the default. */
  constructor(chains: readonly [Chain, ...Chain[]], storage: Pick<Storage, 'getItem' | 'setItem'> | null) {
    this.chains = chains;
    this.#storage = storage;
    const kept = Number(storage?.getItem(KEY));
    this.chain = chains.find(({ id }) => id === kept) ?? chains[0];
  }

  get mode(): ChainMode {
    return chainMode(this.chain);
  }

  /** For the banner. */
  get words(): string {
    return { embedded: 'Sandbox: this browser’s own ledger', devnet: 'Devnet: a test chain', l2: this.chain.name }[
      this.mode
    ];
  }

  /** For narrow places. */
  get short(): string {
    return { embedded: 'Sandbox', devnet: 'Devnet', l2: this.chain.name }[this.mode];
  }

  change(chainId: number) {
    this.chain = this.chains.find(({ id }) => id === chainId) ?? this.chain;
    try {
      this.#storage?.setItem(KEY, String(this.chain.id));
    } catch {
      // If storage is full or blocked, the choice is lost on reload.
    }
  }
}
