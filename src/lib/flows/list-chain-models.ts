// Lists the models of a chain: first from the indexer's rows, then with the name in the manifest of each model's newest version. A model
// whose manifest cannot be fetched or read keeps its number as its name.

import type { IpfsAccess } from '#lib/datanets/datanet-context.ts';
import { cidOfDigest } from '#lib/formats/block/cid-of-digest.ts';
import { parseModelManifest } from '#lib/formats/model/model-manifest.ts';
import { publishedModels, type ModelRows, type PublishedModel } from '#lib/registry/published/published-models.ts';

export interface ListedModel extends PublishedModel {
  name: string;
  description: string;
}

const AT_ONCE = 6;
/** Manifests that are fetched; anyone may register models, so their number has no bound. */
const MOST_MANIFESTS = 120;

/**
 * Yields the whole list, newest first: with numbers as names, then again after each batch of manifests.
 *
 * @example
 * import { listChainModels } from '#lib/flows/list-chain-models.ts';
 *
 * for await (const listed of listChainModels(datanets.ipfs, modelRows, { signal }))
 *   show(listed.map(({ id, name, licence }) => `${id} ${name}, ${licence}`));
 */
export async function* listChainModels(
  { block }: Pick<IpfsAccess, 'block'>,
  rows: ModelRows,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<readonly ListedModel[], void, void> {
  const listed = publishedModels(rows).map((model): ListedModel => ({
    ...model,
    name: `Model ${model.id}`,
    description: '',
  }));
  yield [...listed];
  for (let at = 0; at < Math.min(listed.length, MOST_MANIFESTS); at += AT_ONCE) {
    signal.throwIfAborted();
    const batch = listed.slice(at, Math.min(at + AT_ONCE, MOST_MANIFESTS));
    await Promise.all(
      batch.map(async (model, offset) => {
        const newest = model.versions[0];
        if (!newest) return;
        try {
          const bytes = await block(cidOfDigest(newest.manifest), signal);
          const { name, description } = parseModelManifest(bytes, `The manifest of model ${model.id}`);
          listed[at + offset] = { ...model, name, description };
        } catch {
          // Its page says what is missing.
        }
      }),
    );
    yield [...listed];
  }
}
