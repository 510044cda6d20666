// The context of every action: a chain to read, a signer, and the contracts' addresses. Types only: pages bring a wallet as
// signer, the command line a key.

import type { Account, Chain, PublicClient, Transport, WalletClient } from 'viem';
import type { ChainMode } from './chains.ts';
import type { Addresses } from './deploy/plan.ts';

/** Signs and sends for one account. */
export type Signer = WalletClient<Transport, Chain, Account>;

export interface ChainContext {
  mode: ChainMode;
  chain: Chain;
  read: PublicClient;
  /** The acting account; requests a wallet when there is none yet. Rejects when the user declines. */
  signer(): Promise<Signer>;
  /** The account already connected to this chain; null without one. */
  ready?(): Promise<Signer | null>;
  addresses: Addresses;
}
