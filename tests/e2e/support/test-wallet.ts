// Another wallet for a page to find: announced as extensions do (EIP-6963), with a real chain behind it that signs for its
// accounts. It records its requests; the test decides whether the user agrees.

import type { Page } from 'playwright-core';
import { numberToHex, type Address, type Hex } from 'viem';

type Answer = { result: unknown } | { error: { code: number; message: string; data?: unknown } };

export interface TestWallet {
  /** Requested methods, in order. */
  asked: string[];
  /** Methods that the user declines (4001). */
  declines: Set<string>;
  chainId: number;
  /** The user selects other accounts, or none. */
  takeAccounts(accounts: readonly Address[]): Promise<void>;
  /** The user changes the chain. */
  goTo(chainId: number): Promise<void>;
}

interface Options {
  name: string;
  accounts: readonly Address[];
  chainId: number;
  /** The node that signs for its accounts. */
  rpcUrl: string;
  /** Sends several calls as one and returns the transaction (EIP-5792); without it, batches are not supported. */
  sendTogether?(calls: readonly BatchCall[]): Promise<Hex>;
}

export interface BatchCall {
  to: Address;
  data: Hex;
}

async function ask(url: string, method: string, params: unknown): Promise<Answer> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return (await response.json()) as Answer;
}

/** Requests of the page to `from` are answered by the node at `to`. */
export async function serveChain(page: Page, from: string, to: string) {
  await page.route(`${from}/**`, async (route) => {
    const response = await fetch(to, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: route.request().postData()!,
    }).catch(() => null);
    if (!response) return route.abort();
    return route.fulfill({
      contentType: 'application/json',
      headers: { 'access-control-allow-origin': '*' },
      body: await response.text(),
    });
  });
}

/** Call before the page is opened. */
export async function installTestWallet(
  page: Page,
  { name, accounts, chainId, rpcUrl, sendTogether }: Options,
): Promise<TestWallet> {
  let own = accounts;
  const batches = new Map<string, Hex>();
  const emit = (event: string, value: unknown) =>
    page.evaluate(
      ([event, value]) =>
        (window as unknown as { emitOfWallet: (...of: unknown[]) => void }).emitOfWallet(event, value),
      [event, value] as const,
    );
  const wallet: TestWallet = {
    asked: [],
    declines: new Set(),
    chainId,
    async takeAccounts(next) {
      own = next;
      await emit('accountsChanged', next);
    },
    async goTo(id) {
      wallet.chainId = id;
      await emit('chainChanged', numberToHex(id));
    },
  };
  const answer = async (method: string, params: unknown): Promise<Answer> => {
    wallet.asked.push(method);
    if (wallet.declines.has(method)) return { error: { code: 4001, message: 'User rejected the request.' } };
    switch (method) {
      case 'eth_accounts':
      case 'eth_requestAccounts':
        return { result: own };
      case 'eth_chainId':
        return { result: numberToHex(wallet.chainId) };
      case 'wallet_switchEthereumChain':
        wallet.chainId = Number((params as [{ chainId: string }])[0].chainId);
        void emit('chainChanged', numberToHex(wallet.chainId));
        return { result: null };
      case 'wallet_requestPermissions':
      case 'wallet_revokePermissions':
        return { error: { code: 4200, message: `${method} is not supported` } };
      case 'wallet_getCapabilities':
        if (!sendTogether) return { error: { code: -32601, message: 'no such method' } };
        return { result: { [numberToHex(wallet.chainId)]: { atomic: { status: 'supported' } } } };
      case 'wallet_sendCalls': {
        const id = `batch ${batches.size + 1}`;
        batches.set(id, await sendTogether!((params as [{ calls: BatchCall[] }])[0].calls));
        return { result: { id } };
      }
      case 'wallet_getCallsStatus': {
        const [id] = params as [string];
        const answer = await ask(rpcUrl, 'eth_getTransactionReceipt', [batches.get(id)]);
        const receipt = 'result' in answer ? answer.result : null;
        const about = { version: '2.0.0', id, chainId: numberToHex(wallet.chainId), atomic: true };
        return { result: { ...about, status: receipt ? 200 : 100, receipts: receipt ? [receipt] : [] } };
      }
      default:
        return ask(rpcUrl, method, params);
    }
  };
  await page.exposeFunction('answerOfWallet', answer);
  await page.addInitScript((name) => {
    const listeners = new Map<string, Set<(value: unknown) => void>>();
    const of = (event: string) => {
      if (!listeners.has(event)) listeners.set(event, new Set());
      return listeners.get(event)!;
    };
    const provider = {
      on: (event: string, listener: (value: unknown) => void) => void of(event).add(listener),
      removeListener: (event: string, listener: (value: unknown) => void) => void of(event).delete(listener),
      async request({ method, params }: { method: string; params?: unknown }) {
        const { answerOfWallet } = window as unknown as { answerOfWallet: (...of: unknown[]) => Promise<Answer> };
        const said = await answerOfWallet(method, params ?? []);
        if ('error' in said) throw Object.assign(new Error(said.error.message), said.error);
        return said.result;
      },
    };
    const info = {
      uuid: crypto.randomUUID(),
      name,
      rdns: `test.${name.toLowerCase().replaceAll(' ', '-')}`,
      icon: 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>',
    };
    const announce = () =>
      window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }));
    window.addEventListener('eip6963:requestProvider', announce);
    announce();
    Object.assign(window, {
      emitOfWallet: (event: string, value: unknown) => of(event).forEach((listener) => listener(value)),
    });
  }, name);
  return wallet;
}
