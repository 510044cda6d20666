// The device's wallet as a wagmi connector, first in the list. It counts as connected while a wallet exists, even when locked;
// only signing unlocks it.

import { createConnector } from '@wagmi/core';
import { getAddress, numberToHex, SwitchChainError, type Address } from 'viem';
import type { Approve } from './approval.ts';
import { createDeviceProvider, type DeviceProvider } from './device-provider.ts';
import { NoWalletError } from './errors.ts';
import type { Keystore } from './keystore.ts';
import type { InTurn } from './wallet-host.ts';

export const DEVICE_CONNECTOR_ID = 'payable.device';

interface Parts {
  keystore: Keystore;
  approve: Approve;
  /** Address of DeviceAccount on a chain. */
  deviceAccount(chainId: number): Address;
  inTurn: InTurn;
}

export function deviceConnector({ keystore, approve, deviceAccount, inTurn }: Parts) {
  return createConnector<DeviceProvider>((config) => {
    const provider = createDeviceProvider({
      keystore,
      approve,
      deviceAccount,
      inTurn,
      chains: config.chains,
      transports: config.transports ?? {},
      onChain: (chainId) => config.emitter.emit('change', { chainId }),
    });
    const accounts = async (): Promise<readonly Address[]> => {
      const info = await keystore.read();
      return info ? [info.address] : [];
    };
    let connected = false;
    keystore.subscribe(() => {
      if (!connected) return;
      // The page reports a damaged record; here it only means that there is no account.
      void accounts()
        .catch((): readonly Address[] => [])
        .then((now) => {
          if (!connected) return;
          if (now.length > 0) return config.emitter.emit('change', { accounts: now });
          connected = false;
          config.emitter.emit('disconnect');
        });
    });

    return {
      id: DEVICE_CONNECTOR_ID,
      name: 'This device',
      type: 'device',
      async connect({ chainId, withCapabilities } = {}) {
        const found = await accounts();
        if (found.length === 0) throw new NoWalletError();
        if (chainId !== undefined && chainId !== provider.chainId()) await this.switchChain!({ chainId });
        connected = true;
        const shown = withCapabilities ? found.map((address) => ({ address, capabilities: {} })) : found;
        return { accounts: shown as never, chainId: provider.chainId() };
      },
      async disconnect() {
        connected = false;
        keystore.lock();
      },
      getAccounts: accounts,
      getChainId: async () => provider.chainId(),
      getProvider: async () => provider,
      isAuthorized: async () => (await accounts().catch((): readonly Address[] => [])).length > 0,
      async switchChain({ chainId }) {
        const chain = config.chains.find(({ id }) => id === chainId);
        if (!chain) throw new SwitchChainError(new Error(`Chain ${chainId} is not set up here.`));
        await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: numberToHex(chainId) }] });
        return chain;
      },
      onAccountsChanged: (found) => config.emitter.emit('change', { accounts: found.map((one) => getAddress(one)) }),
      onChainChanged: (chainId) => config.emitter.emit('change', { chainId: Number(chainId) }),
      onDisconnect: () => config.emitter.emit('disconnect'),
    };
  });
}
