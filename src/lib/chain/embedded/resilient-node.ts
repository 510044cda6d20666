// A node that survives the end of its worker: reads are repeated over the next link, a signed transaction is executed once
// however often it is sent, and other requests fail with an error that says the response was lost.

import { keccak256, type Hex } from 'viem';
import { ChainGoneError, RPC_CODES } from '../errors.ts';
import type { HeaderRecord } from './block-record.ts';
import type { EmbeddedNode, RpcAnswer } from './node.ts';
import { readMethods } from './read-methods.ts';

/** A connection to a node, until it ends. */
export interface Link {
  node: EmbeddedNode;
  /** Resolves when the other end is gone; pending calls then reject with `ChainGoneError`. */
  gone: Promise<void>;
}

/** Links tried per request. */
const MAX_LINKS = 3;

const lostAnswer: RpcAnswer = {
  error: {
    code: RPC_CODES.disconnected,
    message: 'The chain stopped before it answered and was started again. See whether this was made, then try again.',
  },
};

const isGone = (error: unknown): boolean => error instanceof ChainGoneError;

/** Whether the request can safely be repeated. */
const isRead = (method: unknown): boolean => typeof method === 'string' && Object.hasOwn(readMethods, method);

/** `open` returns the current link; it is called again when that one is gone. */
export function createResilientNode(open: () => Promise<Link>): EmbeddedNode {
  let current: Promise<Link> | undefined;
  const link = (): Promise<Link> => {
    if (current) return current;
    const opening = open();
    current = opening;
    const forget = () => {
      if (current === opening) current = undefined;
    };
    opening.then(({ gone }) => gone.then(forget), forget);
    return opening;
  };

  /** Runs `work` over the current link, and over later ones when it may run `again`. */
  const persist = async <T>(again: boolean, work: (node: EmbeddedNode, tried: number) => Promise<T>): Promise<T> => {
    for (let tried = 1; ; tried++) {
      try {
        return await work((await link()).node, tried);
      } catch (error) {
        if (!isGone(error) || !again || tried === MAX_LINKS) throw error;
      }
    }
  };

  return {
    async request(method, params) {
      const sending = method === 'eth_sendRawTransaction';
      try {
        return await persist(sending || isRead(method), async (node, tried) => {
          const answer = await node.request(method, params);
          const known = tried > 1 && sending && 'error' in answer && answer.error.message.startsWith('already known');
          return known ? { result: keccak256((params as Hex[])[0]!) } : answer;
        });
      } catch (error) {
        if (isGone(error)) return lostAnswer;
        throw error;
      }
    },
    async *heads(signal) {
      let last: HeaderRecord | undefined;
      while (!signal?.aborted) {
        const { node, gone } = await link();
        try {
          for await (const head of node.heads(signal)) {
            // A new link starts with the current head, which the last one may have reported already.
            if (head.hash !== last?.hash) yield (last = head);
          }
          return;
        } catch (error) {
          if (!isGone(error)) throw error;
          await gone;
        }
      }
    },
    exportChain: () => persist(true, (node) => node.exportChain()),
    async *importChain(file, signal) {
      yield* (await link()).node.importChain(file, signal);
    },
    reset: (word) => persist(false, (node) => node.reset(word)),
  };
}
