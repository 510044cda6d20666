// An EIP-1193 provider over a node, local or behind a port: requests, and the subscriptions `newHeads` and `logs`, derived from
// the stream of heads.

import { numberToHex, type Hex } from 'viem';
import { RPC_CODES } from '../errors.ts';
import type { HeaderRecord } from './block-record.ts';
import type { EmbeddedNode } from './node.ts';

/** Error of `request`. EIP-1193 requires a numeric `code`, so this is not a `PayableError`. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code: number;

  constructor(code: number, message: string, data?: Hex) {
    super(message);
    this.code = code;
    // Omit the field when empty: callers take its presence for revert data.
    if (data !== undefined) Object.assign(this, { data });
  }
}

export interface SubscriptionMessage {
  type: 'eth_subscription';
  data: { subscription: Hex; result: unknown };
}

/** Events of EIP-1193. `connect`, `chainChanged` and `accountsChanged` never occur: there is one chain and no account. */
interface Events {
  message: SubscriptionMessage;
  disconnect: ProviderError;
  connect: { chainId: Hex };
  chainChanged: Hex;
  accountsChanged: Hex[];
}

type Listener<E extends keyof Events> = (value: Events[E]) => void;

export interface EmbeddedProvider {
  request(call: { method: string; params?: unknown }): Promise<unknown>;
  on<E extends keyof Events>(event: E, listener: Listener<E>): void;
  removeListener<E extends keyof Events>(event: E, listener: Listener<E>): void;
  /** Ends the subscriptions. */
  close(): void;
}

/** The part of a node that a provider needs. */
export type ProviderNode = Pick<EmbeddedNode, 'request' | 'heads'>;

/** After a larger gap between heads, older blocks are skipped. */
const MAX_CATCH_UP = 1000;

type Subscription = { kind: 'newHeads' } | { kind: 'logs'; filter: object };

export function createProvider(node: ProviderNode): EmbeddedProvider {
  const listeners: { [E in keyof Events]: Set<Listener<E>> } = {
    message: new Set(),
    disconnect: new Set(),
    connect: new Set(),
    chainChanged: new Set(),
    accountsChanged: new Set(),
  };
  const subscriptions = new Map<Hex, Subscription>();
  const closing = new AbortController();
  let nextId = 1n;
  let following = false;

  const emit = <E extends keyof Events>(event: E, value: Events[E]) => {
    for (const listener of [...listeners[event]]) listener(value);
  };

  const ask = async (method: string, params: unknown[]): Promise<unknown> => {
    const answer = await node.request(method, params);
    if ('result' in answer) return answer.result;
    throw new ProviderError(answer.error.code, answer.error.message, answer.error.data);
  };

  const tell = async (header: HeaderRecord) => {
    for (const [subscription, what] of subscriptions) {
      const send = (result: unknown) => emit('message', { type: 'eth_subscription', data: { subscription, result } });
      if (what.kind === 'newHeads') send(header);
      else {
        const { address, topics } = what.filter as { address?: unknown; topics?: unknown };
        const logs = await ask('eth_getLogs', [{ address, topics, blockHash: header.hash }]);
        for (const log of logs as unknown[]) send(log);
      }
    }
  };

  const headNow = () => ask('eth_getBlockByNumber', ['latest', false]) as Promise<HeaderRecord>;

  const follow = async (start: HeaderRecord) => {
    let last = start;
    for await (const head of node.heads(closing.signal)) {
      if (head.hash === last.hash) continue;
      const number = Number(head.number);
      for (let at = Math.max(Number(last.number) + 1, number - MAX_CATCH_UP); at < number; at++) {
        const block = await ask('eth_getBlockByNumber', [numberToHex(at), false]);
        if (block) await tell(block as HeaderRecord);
      }
      await tell(head);
      last = head;
    }
  };

  const subscribe = async (params: unknown): Promise<Hex> => {
    const [kind, filter] = Array.isArray(params) ? (params as unknown[]) : [];
    if (kind !== 'newHeads' && kind !== 'logs') {
      throw new ProviderError(RPC_CODES.invalidParams, 'only newHeads and logs can be followed');
    }
    const start = await headNow();
    const id = numberToHex(nextId++);
    subscriptions.set(id, kind === 'logs' ? { kind, filter: filter ?? {} } : { kind });
    if (!following) {
      following = true;
      follow(start).catch((error: unknown) => {
        following = false;
        emit('disconnect', new ProviderError(RPC_CODES.disconnected, `The chain is gone: ${String(error)}`));
      });
    }
    return id;
  };

  return {
    async request({ method, params }) {
      if (method === 'eth_subscribe') return subscribe(params);
      if (method === 'eth_unsubscribe') {
        return subscriptions.delete((Array.isArray(params) ? (params as unknown[])[0] : undefined) as Hex);
      }
      return ask(method, (params ?? []) as unknown[]);
    },
    on(event, listener) {
      listeners[event].add(listener);
    },
    removeListener(event, listener) {
      listeners[event].delete(listener);
    },
    close() {
      closing.abort();
      subscriptions.clear();
    },
  };
}
