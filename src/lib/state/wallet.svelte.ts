// The wallet as a page sees it: which one is connected and how, what it holds, what it did. It folds wagmi's connection, the
// keystore's changes and the chain's answers; it decides nothing about what is signed.

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

export interface WalletNeeds {
  config: Config;
  keystore: Keystore;
  sessions: SessionKeys;
  mode: ChainModeState;
  /** Where the contracts are on a chain, and since when. */
  contracts(chainId: number): ChainContracts;
  txHost: TxHost;
  /** Calls back when another tab noted something about a transaction. */
  onTransactions(listener: () => void): () => void;
}

export type WalletStatus = 'disconnected' | 'connecting' | 'connected' | 'locked' | 'wrong-network';

export class WalletState {
  /** The wallet kept on this device. */
  device: WalletInfo | null = $state.raw(null);
  isRead = $state(false);
  problem: Problem | null = $state(null);
  /** What is under way, in words. */
  busy: string | null = $state(null);
  /** A wallet is being made, which can be cancelled. */
  isMaking = $state(false);
  balances: { etherWei: bigint; openWei: bigint } | null = $state.raw(null);
  chainProblem: Problem | null = $state(null);
  /** Null while nobody knows. */
  allowances: Allowance[] | null = $state.raw(null);
  sessions: SessionInfo[] = $state.raw([]);
  activity: TxRecord[] = $state.raw([]);

  readonly #needs: WalletNeeds;
  #making = new AbortController();
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

  /** What actions are given. */
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
        // The one place where another wallet is asked to change its chain: somebody wants to act.
        if (getConnection(config).chainId !== chain.id) await switchChain(config, { chainId: chain.id });
        return await getWalletClient(config, { chainId: chain.id });
      },
      ready: async () => {
        const { status, chainId } = getConnection(config);
        return status === 'connected' && chainId === chain.id ? await getWalletClient(config, { chainId }) : null;
      },
    };
  }

  /** Takes up the last connection and what was under way. Call once. */
  async open() {
    await this.readDevice();
    const { config, mode, txHost } = this.#needs;
    // Only the wallet used last: another one that once allowed this page is not taken up by itself.
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
      this.problem = null;
    } catch (error) {
      this.device = null;
      this.problem = toProblem(error);
    }
    this.isRead = true;
  }

  /** Runs `work`, says what it is meanwhile, and keeps why it failed. */
  async #doing(what: string, work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy !== null) return false;
    this.busy = what;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (error) {
      // What its user declined or cancelled needs no telling here; a form says what came of it.
      this.problem = error instanceof AbortedError || isRejection(error) ? null : toProblem(error);
      return false;
    } finally {
      this.busy = null;
    }
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
  /** A passkey is asked for, perhaps of a device that has none. */
  cancelMaking() {
    this.#making.abort();
  }
  async create(guard: GuardKind, phrase?: string): Promise<boolean> {
    this.#making = new AbortController();
    const { signal } = this.#making;
    this.isMaking = true;
    const made = await this.#doing(phrase === undefined ? 'Making a wallet…' : 'Restoring the wallet…', () =>
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

  /** The backup words, or null when they were not given out. */
  async words(): Promise<string[] | null> {
    let words: string[] | null = null;
    await this.#doing('Opening…', async () => (words = await this.#needs.keystore.words()));
    return words;
  }

  /** Stands on another chain from now on. */
  async changeChain(chainId: number) {
    this.#needs.mode.change(chainId);
    this.balances = null;
    this.allowances = null;
    if (this.isDevice) await this.switchWallet();
    await this.refresh();
  }

  /** Sandbox coins and OPEN; of OPEN as much as one call gives, or `openWei`. */
  drink = (openWei?: bigint) =>
    this.#doing('Asking the faucet…', async () => {
      const context = this.context();
      const { address } = this;
      if (!address) throw new NoWalletError();
      await sandboxOpen(context, address, openWei);
      if ((await context.read.getBalance({ address })) < 10n ** 20n) await faucet(context, address);
      await this.refresh();
    });

  /** Carries a plan out; true when all of it succeeded. `onMove` sees each record as it moves. */
  run(plan: ActionPlan, onMove: (record: TxRecord) => void = () => undefined): Promise<boolean> {
    return this.#doing('Sending…', async () => {
      for await (const record of runPlan(this.context(), plan, this.#needs.txHost)) {
        onMove(record);
        await this.#readActivity();
      }
      await this.refresh();
    });
  }

  /** Asks for a signature that sends nothing; null when there is none. */
  async sign<T>(work: (context: ChainContext) => Promise<T>): Promise<T | null> {
    let signed: T | null = null;
    await this.#doing('Waiting for your signature…', async () => (signed = await work(this.context())));
    return signed;
  }

  /** Moves the time of the sandbox or of a devnet on. */
  moveTime = (atSeconds: bigint) => this.#doing('Moving time on…', () => moveTime(this.context(), atSeconds));

  /** Asks, then makes a session key; rejects when the user declines. */
  async createSession(terms: SessionTerms): Promise<SessionInfo> {
    const made = await this.#needs.sessions.create(terms);
    await this.refresh();
    return made;
  }

  /** Signs by a session key without asking; opens the wallet first, which its guard may be asked for. */
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

  /** Asks the chain again for everything shown. */
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
      // Another account or another chain meanwhile: this is no answer for it.
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
