// Puts together what pages about the chain share: connections, wallet, sandbox and indexed rows. Made once, so the wallet stays
// open during navigation between pages.

import { custom, http, type Transport } from 'viem';
import { chainMode } from '#lib/chain/chains.ts';
import type { Addresses } from '#lib/chain/deploy/plan.ts';
import { GENESIS_FILE } from '#lib/chain/embedded/genesis-file.ts';
import { connectChain } from '#lib/chain/embedded/shell/connect.ts';
import { knownContracts } from '#lib/chain/known-contracts.ts';
import { patientTransport } from '#lib/chain/patient-transport.ts';
import { browserTxHost } from '#lib/chain/shell/browser-tx-host.ts';
import { createRecordsStore, type RecordsStore } from '#lib/chain/shell/records-store.ts';
import { createWalletConfig } from '#lib/chain/wallet/config.ts';
import { deviceConnector } from '#lib/chain/wallet/device-connector.ts';
import type { KnownContract } from '#lib/chain/wallet/explain-call.ts';
import { createKeystore } from '#lib/chain/wallet/keystore.ts';
import { createSessionKeys } from '#lib/chain/wallet/session-keys.ts';
import { browserWalletHost } from '#lib/chain/wallet/shell/browser-wallet-host.ts';
import { ApprovalState } from '#lib/state/approval-state.svelte.ts';
import { ChainRows } from '#lib/state/chain-rows.svelte.ts';
import { WalletState } from '#lib/state/wallet.svelte.ts';
import { appUrl } from './app-url.ts';
import { chainConnection } from './chain-connection.svelte.ts';
import { chainModeState as mode, contractsOn } from './chain-mode.ts';
import { localStorageOrNull } from './local-storage.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

/** For a node elsewhere, which may be down: requests share its retries. */
function remoteTransport(chainId: number): Transport {
  const { transport, askNow } = patientTransport(http(undefined, { retryCount: 0 }), {
    nowMs: () => Date.now(),
    onSilence: (untilMs) => chainConnection.setRetryTime(chainId, untilMs),
  });
  chainConnection.onRetry(chainId, askNow);
  return transport;
}

export interface WalletApp {
  wallet: WalletState;
  approvals: ApprovalState;
  sandbox: Sandbox;
  records: RecordsStore;
  /** What the indexer has read of the selected chain. */
  rows: ChainRows;
  /** On the selected chain. */
  readonly contracts: readonly KnownContract[];
  readonly addresses: Addresses;
  canUsePasskeys: boolean;
}

let composed: WalletApp | null = null;

export const composeWallet = (): WalletApp => (composed ??= compose());

function compose(): WalletApp {
  const host = browserWalletHost();
  const keystore = createKeystore(host);
  const approvals = new ApprovalState(() => keystore.unlock());
  const approve = approvals.ask.bind(approvals);
  const chain = connectChain({
    database: 'payable-chain',
    genesis: { url: appUrl(GENESIS_FILE.path), sha256: GENESIS_FILE.sha256 },
  });
  const transports = Object.fromEntries(
    mode.chains.map((one): [number, Transport] => [
      one.id,
      chainMode(one) === 'embedded' ? custom(chain.provider, { retryCount: 0 }) : remoteTransport(one.id),
    ]),
  );
  const config = createWalletConfig({
    chains: mode.chains,
    transports,
    device: deviceConnector({
      keystore,
      approve,
      deviceAccount: (id) => contractsOn(id).addresses.DeviceAccount,
      inTurn: host.inTurn,
    }),
    storage: localStorageOrNull(),
  });
  const records = createRecordsStore();
  const wallet = new WalletState({
    config,
    keystore,
    sessions: createSessionKeys({ host, keystore, approve }),
    mode,
    contracts: contractsOn,
    txHost: browserTxHost(records.txs),
    onTransactions: records.onTransactions,
  });
  const rows = new ChainRows({
    context: () => wallet.context(),
    store: records.rows,
    fromBlock: (id) => contractsOn(id).fromBlock,
    inTurn: host.inTurn,
  });
  void wallet.open();
  return {
    wallet,
    approvals,
    sandbox: createSandbox({ node: chain.node, wallet, rows, records }),
    records,
    rows,
    get contracts() {
      return knownContracts(contractsOn(mode.chain.id).addresses);
    },
    get addresses() {
      return contractsOn(mode.chain.id).addresses;
    },
    canUsePasskeys: host.passkeys !== null,
  };
}
