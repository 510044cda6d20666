// The indexer's rows of the selected chain for a page: some of its tables, progress, and why reading failed. One tab reads at a time:
// two would add the same logs twice.

import type { ChainContext } from '#lib/chain/context.ts';
import { putGenesisBalances } from '#lib/chain/indexer/genesis-balances.ts';
import type { Rows } from '#lib/chain/indexer/reducer.ts';
import type { RowStore } from '#lib/chain/indexer/rows.ts';
import { sourcesOf } from '#lib/chain/indexer/sources.ts';
import { syncRows } from '#lib/chain/indexer/sync.ts';
import { getRow, listTables, type RowOf } from '#lib/chain/indexer/tables.ts';
import { Fetched } from './fetched.svelte.ts';
import type { Problem } from './problem.ts';

interface RowNeeds {
  context(): ChainContext;
  store(chainId: number): RowStore;
  /** The block in which the contracts of a chain were deployed. */
  fromBlock(chainId: number): number;
  /** Runs `work` while no other tab of this browser holds the lock `name`. */
  inTurn(name: string, work: () => Promise<void>): Promise<void>;
}

/** The row that names the contracts whose logs were read. */
const MARK = ['about', 'contracts'] as const;
/** Version of the reducers' output; rows of another version are dropped and read again. */
const FORM = 'form 5';
const contractsWords = ({ addresses }: ChainContext): string => [FORM, ...Object.values(addresses).sort()].join(' ');
const markContracts = (context: ChainContext, rows: Rows) => rows.put(...MARK, { addresses: contractsWords(context) });

const MARKET_TABLES = ['nodes', 'proposals', 'ballots', 'channels'] as const;
const DATANET_TABLES = ['datanets', 'datanetVersions', 'contributions', 'curators'] as const;
const MODEL_TABLES = ['models', 'bases', 'modelVersions', 'income'] as const;
const TABLES = [...MARKET_TABLES, ...DATANET_TABLES, ...MODEL_TABLES] as const;
export type Tables = { readonly [Name in (typeof TABLES)[number]]: readonly RowOf<Name>[] };

export class ChainRows {
  /** Blocks read, while the newest is not reached yet. */
  progress: { number: number; head: number } | null = $state.raw(null);
  readonly #fetched: Fetched<{ tables: Tables; block: number }>;
  readonly #needs: RowNeeds;

  constructor(needs: RowNeeds) {
    this.#needs = needs;
    this.#fetched = new Fetched(() => this.#read());
  }

  get tables(): Tables | null {
    return this.#fetched.value?.tables ?? null;
  }
  /** The newest block whose logs are in the tables. */
  get block(): number | null {
    return this.#fetched.value?.block ?? null;
  }
  get problem(): Problem | null {
    return this.#fetched.problem;
  }
  refresh = () => this.#fetched.refresh();
  startOver = () => this.#fetched.startOver();

  /** Runs `work`, which deletes the rows of a chain, while no tab reads them. */
  whileStill(chainId: number, work: () => Promise<void>): Promise<void> {
    return this.#needs.inTurn(`payable-rows:${chainId}`, work);
  }

  /** Deletes rows that were read from other contracts of the same chain, such as those of an older build. */
  async #dropOthers(context: ChainContext, store: RowStore) {
    const [{ cursor }, mark] = await Promise.all([store.load(), getRow(store, ...MARK)]);
    if (cursor !== null && mark?.addresses !== contractsWords(context)) await store.clear();
  }

  async #read(): Promise<{ tables: Tables; block: number }> {
    const context = this.#needs.context();
    const chainId = context.chain.id;
    const store = this.#needs.store(chainId);
    await this.whileStill(chainId, async () => {
      try {
        await this.#dropOthers(context, store);
        const fromBlock = this.#needs.fromBlock(chainId);
        const begin = async (rows: Rows) => {
          await markContracts(context, rows);
          if (context.mode === 'embedded') await putGenesisBalances(context, rows);
        };
        for await (const event of syncRows(context.read, sourcesOf(context), store, { fromBlock, begin })) {
          if (event.kind === 'progress') this.progress = event.number < event.head ? event : null;
        }
      } finally {
        this.progress = null;
      }
    });
    // Another tab may add rows meanwhile, so the block is read first: the tables are never older than it.
    const { cursor } = await store.load();
    return { tables: await listTables(store, TABLES), block: cursor?.number ?? 0 };
  }
}
