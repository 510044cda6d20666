// All wallets of the app in one wagmi configuration: this device's first, then what the browser announces (EIP-6963), then
// what the operator adds. It opens no connection by itself.

import { createConfig, createStorage, type Config, type CreateConnectorFn } from '@wagmi/core';
import type { Chain, Transport } from 'viem';

interface Parts {
  chains: readonly [Chain, ...Chain[]];
  /** How each chain is reached, by its id. */
  transports: Readonly<Record<number, Transport>>;
  device: CreateConnectorFn;
  /** Further wallets the operator configured, as WalletConnect with a project id; none come with the app. */
  others?: readonly CreateConnectorFn[];
  /** Where the last connection is remembered; null forgets it. */
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
