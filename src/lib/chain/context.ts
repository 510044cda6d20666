// What every action is given: a chain to ask, someone to sign, and where the contracts are. Types only: the page brings
// the wallet as signer, the command line a key.

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
  /** The account that is connected to this chain already; null without one. */
  ready?(): Promise<Signer | null>;
  addresses: Addresses;
}
