// All models of a chain as its logs have them, newest first, and the newest block that was read.

import { createMemoryRowStore } from '#lib/chain/indexer/rows.ts';
import { sourcesOf } from '#lib/chain/indexer/sources.ts';
import { syncRows } from '#lib/chain/indexer/sync.ts';
import { listTables } from '#lib/chain/indexer/tables.ts';
import { publishedModels } from '#lib/registry/published/published-models.ts';
import type { VerbContext } from '../chain/chain-command.ts';

export async function readModels({
  context,
  fromBlock,
  signal,
}: Pick<VerbContext, 'context' | 'fromBlock' | 'signal'>) {
  const store = createMemoryRowStore();
  const { ModelRegistry, Settlement } = context.addresses;
  const sources = sourcesOf(context).filter(({ address }) => address === ModelRegistry || address === Settlement);
  for await (const event of syncRows(context.read, sources, store, { fromBlock, signal })) void event;
  const models = publishedModels(await listTables(store, ['models', 'bases', 'modelVersions', 'income']));
  return { models, block: (await store.load()).cursor?.number ?? 0 };
}
