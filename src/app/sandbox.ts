// The chain inside the app, as the wallet page works with it: saved to a file, replaced by the one of a file, or reset. After a
// replacement the transactions and rows of the old chain are dropped.

import { embedded } from '#lib/chain/chains.ts';
import { RESET_WORD, type EmbeddedNode } from '#lib/chain/embedded/node.ts';
import type { RecordsStore } from '#lib/chain/shell/records-store.ts';
import type { ChainRows } from '#lib/state/chain-rows.svelte.ts';
import type { WalletState } from '#lib/state/wallet.svelte.ts';

export interface Sandbox extends Pick<EmbeddedNode, 'heads' | 'exportChain'> {
  /** Replaces the chain by the one in `file` after verifying every block. */
  importChain(file: Uint8Array, onBlock: (block: number) => void): Promise<void>;
  /** Back to the genesis block. */
  reset(): Promise<void>;
}

interface Parts {
  node: EmbeddedNode;
  wallet: WalletState;
  rows: ChainRows;
  records: RecordsStore;
}

export function createSandbox({ node, wallet, rows, records }: Parts): Sandbox {
  async function forgetOldChain() {
    await rows.whileStill(embedded.id, () => records.forget(embedded.id));
    await Promise.all([wallet.refresh(), rows.startOver()]);
  }
  return {
    heads: (signal) => node.heads(signal),
    exportChain: () => node.exportChain(),
    async importChain(file, onBlock) {
      for await (const event of node.importChain(file)) if (event.type === 'progress') onBlock(event.block);
      await forgetOldChain();
    },
    async reset() {
      await node.reset(RESET_WORD);
      await forgetOldChain();
    },
  };
}
