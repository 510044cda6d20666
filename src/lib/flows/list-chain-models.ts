// Lists the models of a chain: first from the indexer's rows, then with the name in the manifest of each model's newest version. A model
// whose manifest cannot be fetched or read keeps its number as its name.

import type { IpfsAccess } from '#lib/datanets/datanet-context.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { cidOfDigest } from '#lib/formats/block/cid-of-digest.ts';
import { parseModelManifest, type ModelManifest } from '#lib/formats/model/model-manifest.ts';
import { publishedModels, type ModelRows, type PublishedModel } from '#lib/registry/published/published-models.ts';

export interface ListedModel extends PublishedModel {
  name: string;
  description: string;
}

const AT_ONCE = 6;
/** Manifests that are fetched; anyone may register models, so their number has no bound. */
const MOST_MANIFESTS = 120;

/** Manifests that were read before, by digest; null for one that could not be read. The listing adds to them. */
export type KnownManifests = Map<Hex, ModelManifest | null>;

/**
 * Yields the whole list, newest first: with the names that are known, then again after each batch of other manifests.
 *
 * @example
 * import { listChainModels } from '#lib/flows/list-chain-models.ts';
 *
 * const { block } = datanets.ipfs;
 * for await (const listed of listChainModels({ block, known: new Map() }, modelRows, { signal }))
 *   show(listed.map(({ id, name, licence }) => `${id} ${name}, ${licence}`));
 */
export async function* listChainModels(
  { block, known }: Pick<IpfsAccess, 'block'> & { known: KnownManifests },
  rows: ModelRows,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<readonly ListedModel[], void, void> {
  const models = publishedModels(rows);
  const listed = () =>
    models.map((model): ListedModel => {
      const manifest = known.get(model.versions[0]?.manifest ?? '0x');
      const { name = `Model ${model.id}`, description = '' } = manifest ?? {};
      return { ...model, name, description };
    });
  yield listed();
  const newest = models.slice(0, MOST_MANIFESTS).flatMap(({ versions }) => versions[0]?.manifest ?? []);
  const wanted = [...new Set(newest)].filter((digest) => !known.has(digest));
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    await Promise.all(
      wanted.slice(at, at + AT_ONCE).map(async (digest) => {
        try {
          known.set(digest, parseModelManifest(await block(cidOfDigest(digest), signal), 'The manifest'));
        } catch {
          // The model's page says what is missing. What was stopped is read another time.
          if (!signal.aborted) known.set(digest, null);
        }
      }),
    );
    signal.throwIfAborted();
    yield listed();
  }
}
