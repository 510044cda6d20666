// Puts together what pages about Datanets share: the selected chain, this browser's IPFS, the pinners from the settings, the
// outbox and the keys of sealed rows. Made once.

import { isFinal } from '#lib/chain/tx/machine.ts';
import { createDigester } from '#lib/core/digester.ts';
import { PayableError } from '#lib/core/errors.ts';
import { createOutbox, type Outbox } from '#lib/db/outbox.ts';
import { createReviewDrafts, type ReviewDrafts } from '#lib/db/review-drafts.ts';
import { blobSpill } from '#lib/dataset/blob-spill.ts';
import { startSearch } from '#lib/datanets/search/shell/client.ts';
import type { DatanetContext, IpfsAccess } from '#lib/datanets/datanet-context.ts';
import { tagsOf } from '#lib/datanets/published/tags-of.ts';
import { createPinnerAccess, type TokenStore } from '#lib/datanets/pinners/pinner-access.ts';
import { isOnChain, type DatanetSources } from '#lib/state/datanet-state.svelte.ts';
import { OutboxState } from '#lib/state/outbox-state.svelte.ts';
import { RowKeysState } from '#lib/state/row-keys-state.svelte.ts';
import { RowSearchState } from '#lib/state/row-search.svelte.ts';
import { composeIpfs, ipfsSettings } from './compose-ipfs.ts';
import { composeWallet } from './compose-wallet.ts';
import { database } from './database.ts';
import { localStorageOrNull } from './local-storage.ts';
import { shippedDatanets } from './shipped-datanets.ts';

export interface Datanets {
  sources: DatanetSources;
  outbox: OutboxState;
  rowKeys: RowKeysState;
  drafts: ReviewDrafts;
  context(): Promise<DatanetContext & { outbox: Outbox }>;
  /** A search over the rows of a Datanet; `id` is the one in the page's address. */
  createRowSearch(id: string): RowSearchState;
  /** Tags of a Datanet as the indexer has read them from the chain. @throws PayableError when the chain could not be read */
  currentTags(id: bigint): Promise<string[]>;
}

let composed: Datanets | null = null;

export const composeDatanets = (): Datanets => (composed ??= compose());

/** Session tokens of pinners, in localStorage. Where it is blocked, each sign-in asks the wallet. */
const tokens: TokenStore = {
  get: (key) => localStorageOrNull()?.getItem(`payable:pinner ${key}`) ?? null,
  set(key, token) {
    try {
      localStorageOrNull()?.setItem(`payable:pinner ${key}`, token);
    } catch {
      // When storage is full, the next sign-in asks the wallet again.
    }
  },
};

/** Opens IPFS on first use. */
const lazyIpfs = async (): Promise<IpfsAccess> => {
  const { node, fetch, block } = await composeIpfs();
  return { node, fetch, block };
};

function compose(): Datanets {
  const { wallet, rows, records } = composeWallet();
  const outbox = createOutbox(database);
  const inTurn = (work: () => Promise<void>) => navigator.locks.request('payable-outbox', work);

  async function tables() {
    await rows.refresh();
    if (rows.tables) return rows.tables;
    throw new PayableError('app/chain-unread', rows.problem?.message ?? 'The chain could not be read.', {
      hint: rows.problem?.hint ?? 'Try again.',
    });
  }
  async function context() {
    const chain = wallet.context();
    return {
      chain,
      outbox,
      ipfs: await lazyIpfs(),
      digester: await createDigester(),
      pinners: createPinnerAccess(ipfsSettings.values.pinners, {
        ...{ chain, tokens, domain: location.host, nowMs: () => Date.now() },
        fetch: globalThis.fetch.bind(globalThis),
      }),
      nowSeconds: () => Math.floor(Date.now() / 1000),
      records: async <Name extends 'contributions' | 'datanetVersions'>(table: Name) => (await tables())[table],
      run: (plan: Parameters<typeof wallet.run>[0]) => wallet.run(plan),
      async underWay() {
        const all = await records.txs.list(chain.chain.id);
        return all.filter(({ state, from }) => from === wallet.address && !isFinal(state)).map(({ data }) => data);
      },
      spill: blobSpill,
      // Sorting more at once would freeze the page for a second.
      runBytes: 8 << 20,
    };
  }
  return {
    context,
    async currentTags(id) {
      const row = (await tables()).datanets.find((one) => one.id === String(id));
      return row ? tagsOf(row) : [];
    },
    createRowSearch: (id) =>
      new RowSearchState({
        start: startSearch,
        nowMs: () => performance.now(),
        async bring(root, onBlock, signal) {
          if (isOnChain(id)) await (await lazyIpfs()).fetch(root, { onBlock, signal });
        },
      }),
    sources: { shipped: shippedDatanets, onChain: context },
    outbox: new OutboxState({ outbox, context, inTurn }),
    drafts: createReviewDrafts(database),
    rowKeys: new RowKeysState({ wallet, openIpfs: lazyIpfs, createDigester }),
  };
}
