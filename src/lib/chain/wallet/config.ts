// All wallets of the app in one wagmi configuration: the device's first, then those the browser announces (EIP-6963), then those
// the operator adds. Opens no connection.

import { createConfig, createStorage, type Config, type CreateConnectorFn } from '@wagmi/core';
import type { Chain, Transport } from 'viem';

interface Parts {
  chains: readonly [Chain, ...Chain[]];
  /** Transport of each chain, by id. */
  transports: Readonly<Record<number, Transport>>;
  device: CreateConnectorFn;
  /** Further wallets that the operator configured, such as WalletConnect with a project id; the app ships none. */
  others?: readonly CreateConnectorFn[];
  /** Stores the last connection; null disables that. */
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;
}

export function createWalletConfig({ chains, transports, device, others = [], storage }: Parts): Config {
  return createConfig({
    chains,
    transports,
    connectors: [device, ...others],
    multiInjectedProviderDiscovery: true,
    storage: storage && createStorage({ storage, key: 'payable' }),
  });
}
