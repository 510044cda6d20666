// The wallet as a page shows it: the connected wallet, its balances, allowances, session keys and transactions. Folds wagmi's
// connection, changes of the keystore and answers of the chain. Approval of what is signed is elsewhere.

import {
  connect,
  disconnect,
  getConnection,
  getPublicClient,
  getWalletClient,
  reconnect,
  switchChain,
  watchConnection,
  watchConnectors,
  type Config,
  type Connector,
} from '@wagmi/core';
import { createSubscriber } from 'svelte/reactivity';
import type { Address } from 'viem';
import { faucet } from '#lib/chain/actions/sandbox/faucet.ts';
import { moveTime } from '#lib/chain/actions/sandbox/move-time.ts';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import { sandboxOpen } from '#lib/chain/actions/sandbox/sandbox-open.ts';
import { sandboxVotes } from '#lib/chain/actions/sandbox/sandbox-votes.ts';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import type { ChainContracts } from '#lib/chain/parse-chain-contracts.ts';
import type { TxRecord } from '#lib/chain/tx/record.ts';
import { resumeTransactions, runPlan, type TxHost } from '#lib/chain/tx/run.ts';
import { readAllowances, type Allowance } from '#lib/chain/wallet/allowances.ts';
import { DEVICE_CONNECTOR_ID } from '#lib/chain/wallet/device-connector.ts';
import { NoWalletError } from '#lib/chain/wallet/errors.ts';
import type { GuardKind, Keystore, WalletInfo } from '#lib/chain/wallet/keystore.ts';
import type { SessionInfo, SessionKeys } from '#lib/chain/wallet/session-keys.ts';
import type { SessionTerms } from '#lib/chain/vouchers/session-record.ts';
import type { SignedVoucher } from '#lib/chain/vouchers/voucher.ts';
import type { ChainModeState } from './chain-mode.svelte.ts';
import { isRejection } from '#lib/chain/tx/errors.ts';
import { AbortedError } from '#lib/core/errors.ts';
import { toProblem, type Problem } from './problem.ts';
import { Task } from './task.svelte.ts';

export interface WalletNeeds {
  config: Config;
  keystore: Keystore;
  sessions: SessionKeys;
  mode: ChainModeState;
  /** The contracts of a chain: their addresses, and the block since which they exist. */
  contracts(chainId: number): ChainContracts;
  txHost: TxHost;
  /** Calls `listener` when another tab changed the record of a transaction. */
  onTransactions(listener: () => void): () => void;
}

export type WalletStatus = 'disconnected' | 'connecting' | 'connected' | 'locked' | 'wrong-network';

export class WalletState {
  /** The wallet kept on this device. */
  device: WalletInfo | null = $state.raw(null);
  isRead = $state(false);
  /** A wallet is being made; `cancelMaking` stops that. */
  isMaking = $state(false);
  balances: { etherWei: bigint; openWei: bigint } | null = $state.raw(null);
  chainProblem: Problem | null = $state(null);
  /** Null until they are read. */
  allowances: Allowance[] | null = $state.raw(null);
  sessions: SessionInfo[] = $state.raw([]);
  activity: TxRecord[] = $state.raw([]);

  readonly #needs: WalletNeeds;
  readonly #task = new Task();
  #what = $state('');
  readonly #subscribe: () => void;

  constructor(needs: WalletNeeds) {
    this.#needs = needs;
    const { config, keystore } = needs;
    this.#subscribe = createSubscriber((update) => {
      const stops = [watchConnection(config, { onChange: update }), watchConnectors(config, { onChange: update })];
      return () => stops.forEach((stop) => stop());
    });
    keystore.subscribe(() => void this.readDevice());
    needs.onTransactions(() => void this.#readActivity().catch(() => undefined));
  }

  /** What runs now, in words. */
  get busy(): string | null {
    return this.#task.isRunning ? this.#what : null;
  }
  get problem(): Problem | null {
    return this.#task.problem;
  }
  get connection() {
    this.#subscribe();
    return getConnection(this.#needs.config);
  }
  get address(): Address | undefined {
    return this.connection.address;
  }
  get isDevice(): boolean {
    return this.connection.connector?.id === DEVICE_CONNECTOR_ID;
  }
  /** Wallets other than this device's. */
  get others(): readonly Connector[] {
    this.#subscribe();
    return this.#needs.config.connectors.filter(({ id }) => id !== DEVICE_CONNECTOR_ID);
  }
  get status(): WalletStatus {
    const { status, chainId } = this.connection;
    if (status === 'connecting' || status === 'reconnecting') return 'connecting';
    if (status !== 'connected') return 'disconnected';
    if (chainId !== this.#needs.mode.chain.id) return 'wrong-network';
    return this.isDevice && this.device && !this.device.isUnlocked ? 'locked' : 'connected';
  }

  /** The context that chain actions need. */
  context(): ChainContext {
    const { config, mode } = this.#needs;
    const { chain } = mode;
    return {
      mode: mode.mode,
      chain,
      read: getPublicClient(config, { chainId: chain.id }) as unknown as ChainContext['read'],
      addresses: this.#needs.contracts(chain.id).addresses,
      signer: async () => {
        if (getConnection(config).status !== 'connected') throw new NoWalletError();
        // Another wallet is asked to switch its chain only here, when the user acts.
        if (getConnection(config).chainId !== chain.id) await switchChain(config, { chainId: chain.id });
        return await getWalletClient(config, { chainId: chain.id });
      },
      ready: async () => {
        const { status, chainId } = getConnection(config);
        return status === 'connected' && chainId === chain.id ? await getWalletClient(config, { chainId }) : null;
      },
    };
  }

  /** Restores the last connection and follows unfinished transactions. Call once. */
  async open() {
    await this.readDevice();
    const { config, mode, txHost } = this.#needs;
    // Only the wallet that was used last: others may have allowed this page, but are not connected without a click.
    const recentId = await config.storage?.getItem('recentConnectorId');
    const recent = config.connectors.find(({ id }) => id === recentId);
    if (recent) await reconnect(config, { connectors: [recent] }).catch(() => []);
    if (this.isDevice && getConnection(config).chainId !== mode.chain.id) {
      await switchChain(config, { chainId: mode.chain.id });
    }
    await this.refresh();
    try {
      for await (const _record of resumeTransactions(this.context(), txHost)) await this.#readActivity();
    } catch (error) {
      this.chainProblem = toProblem(error);
    }
  }

  async readDevice() {
    try {
      this.device = await this.#needs.keystore.read();
      this.#task.problem = null;
    } catch (error) {
      this.device = null;
      this.#task.problem = toProblem(error);
    }
    this.isRead = true;
  }

  #doing(what: string, work: (signal: AbortSignal) => Promise<unknown>): Promise<boolean> {
    return this.#task.start(async (signal) => {
      this.#what = what;
      try {
        await work(signal);
      } catch (error) {
        // A declined signature is no problem: the form that asked for it shows the outcome.
        if (!isRejection(error)) throw error;
        throw new AbortedError(error);
      }
    });
  }

  async connect(connector: Connector): Promise<boolean> {
    const connected = await this.#doing(`Connecting ${connector.name}…`, async () => {
      await connect(this.#needs.config, { connector });
      if (connector.id === DEVICE_CONNECTOR_ID) {
        await switchChain(this.#needs.config, { chainId: this.#needs.mode.chain.id });
      }
    });
    if (connected) await this.refresh();
    return connected;
  }
  connectDevice(): Promise<boolean> {
    return this.connect(this.#needs.config.connectors.find(({ id }) => id === DEVICE_CONNECTOR_ID)!);
  }
  /** For a user whose device cannot make the passkey that the browser asks for. */
  cancelMaking() {
    if (this.isMaking) this.#task.stop();
  }
  async create(guard: GuardKind, phrase?: string): Promise<boolean> {
    this.isMaking = true;
    const made = await this.#doing(phrase === undefined ? 'Making a wallet…' : 'Restoring the wallet…', (signal) =>
      this.#needs.keystore.create(guard, phrase, signal),
    );
    this.isMaking = false;
    return made && this.connectDevice();
  }
  unlock = () => this.#doing('Unlocking…', () => this.#needs.keystore.unlock());
  lock = () => this.#needs.keystore.lock();
  touch = () => this.#needs.keystore.touch();
  disconnect = () => this.#doing('Disconnecting…', () => disconnect(this.#needs.config));
  forget = () => this.#doing('Forgetting…', () => this.#needs.keystore.forget());
  markBackedUp = () => this.#doing('Remembering…', () => this.#needs.keystore.markBackedUp());
  switchWallet = () =>
    this.#doing('Switching the wallet…', () => switchChain(this.#needs.config, { chainId: this.#needs.mode.chain.id }));

  /** The backup phrase; null when the keystore did not give it. */
  async words(): Promise<string[] | null> {
    let words: string[] | null = null;
    await this.#doing('Opening…', async () => (words = await this.#needs.keystore.words()));
    return words;
  }

  /** Selects another chain. */
  async changeChain(chainId: number) {
    this.#needs.mode.change(chainId);
    this.balances = null;
    this.allowances = null;
    if (this.isDevice) await this.switchWallet();
    await this.refresh();
  }

  /** Gets test ether and OPEN. */
  useFaucet = () =>
    this.#doing('Asking the faucet…', async () => {
      const context = this.context();
      const { address } = this;
      if (!address) throw new NoWalletError();
      await sandboxOpen(context, address);
      if ((await context.read.getBalance({ address })) < 10n ** 20n) await faucet(context, address);
      await this.refresh();
    });

  /** Gets the votes of investors and team of the sandbox. */
  useSandboxVotes = () =>
    this.#doing('Asking for votes…', async () => {
      const { address } = this;
      if (!address) throw new NoWalletError();
      await sandboxVotes(this.context(), address);
      await this.refresh();
    });

  /** Sends the transactions of a plan; true when all of them succeeded. `onMove` gets each record when it changes. */
  run(plan: ActionPlan, onMove: (record: TxRecord) => void = () => undefined): Promise<boolean> {
    return this.#doing('Sending…', async () => {
      for await (const record of runPlan(this.context(), plan, this.#needs.txHost)) {
        onMove(record);
        await this.#readActivity();
      }
      await this.refresh();
    });
  }

  /** Runs `work`, which asks for signatures but sends nothing; null when it failed or was declined. */
  async sign<T>(work: (context: ChainContext) => Promise<T>): Promise<T | null> {
    let signed: T | null = null;
    await this.#doing('Waiting for your signature…', async () => (signed = await work(this.context())));
    return signed;
  }

  /** Moves the clock of the sandbox or a devnet forward. */
  moveTime = (atSeconds: bigint) => this.#doing('Moving time on…', () => moveTime(this.context(), atSeconds));

  /** Makes a session key after approval; rejects when the user declines. */
  async createSession(terms: SessionTerms): Promise<SessionInfo> {
    const made = await this.#needs.sessions.create(terms);
    await this.refresh();
    return made;
  }

  /** Signs with a session key, without approval. Unlocks the wallet first, for which the user may be asked. */
  async signVoucher(signer: Address, voucher: Parameters<SessionKeys['sign']>[1]): Promise<SignedVoucher> {
    await this.#needs.keystore.unlock();
    const signed = await this.#needs.sessions.sign(signer, voucher);
    await this.refresh();
    return signed;
  }

  async revokeSession(signer: Address) {
    await this.#doing('Revoking…', () => this.#needs.sessions.revoke(signer));
    await this.refresh();
  }

  async #readActivity() {
    const { txHost, mode } = this.#needs;
    const own = this.address;
    this.activity = (await txHost.store.list(mode.chain.id)).filter(({ from }) => from === own);
  }

  /** Reads everything that is shown again from the chain. */
  async refresh() {
    const { address } = this;
    if (!address) {
      this.balances = null;
      this.allowances = null;
      this.sessions = [];
      this.activity = [];
      return;
    }
    try {
      await this.#readActivity();
      this.sessions = await this.#needs.sessions.list(address);
      const { read, chain } = this.context();
      const { addresses, fromBlock } = this.#needs.contracts(chain.id);
      const [etherWei, openWei, allowances] = await Promise.all([
        read.getBalance({ address }),
        read.readContract({
          address: addresses.OpenToken,
          abi: openTokenAbi,
          functionName: 'balanceOf',
          args: [address],
        }),
        readAllowances(read, addresses.OpenToken, address, {
          always: [addresses.Settlement, addresses.NodeRegistry],
          fromBlock: BigInt(fromBlock),
        }),
      ]);
      // The account or the chain has changed meanwhile, so these figures are outdated.
      if (address !== this.address || chain.id !== this.#needs.mode.chain.id) return;
      this.balances = { etherWei, openWei };
      this.allowances = allowances;
      this.chainProblem = null;
    } catch (error) {
      this.balances = null;
      this.allowances = null;
      this.chainProblem = toProblem(error);
    }
  }
}
