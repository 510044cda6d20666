// A node created on first use. When creation fails, each call reports the reason and the next call tries again.

import { PayableError } from '#lib/core/errors.ts';
import { RPC_CODES } from '../errors.ts';
import type { EmbeddedNode } from './node.ts';

export function createLazyNode(make: () => Promise<EmbeddedNode>): EmbeddedNode {
  let made: Promise<EmbeddedNode> | undefined;
  const get = (): Promise<EmbeddedNode> => {
    if (made) return made;
    const making = make();
    made = making;
    making.catch(() => (made = undefined));
    return making;
  };
  return {
    async request(method, params) {
      let node: EmbeddedNode;
      try {
        node = await get();
      } catch (error) {
        const message = error instanceof PayableError ? error.toLine() : String(error);
        return { error: { code: RPC_CODES.disconnected, message } };
      }
      return node.request(method, params);
    },
    async *heads(signal) {
      yield* (await get()).heads(signal);
    },
    exportChain: async () => (await get()).exportChain(),
    async *importChain(file, signal) {
      yield* (await get()).importChain(file, signal);
    },
    reset: async (word) => (await get()).reset(word),
  };
}
