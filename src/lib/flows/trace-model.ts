// Traces what a registered model was made of: the manifests of its versions, and the contributors of the Datanet versions that these
// cite. Each manifest is checked against the digest on the chain, each list of contributors against the root of shares there.

import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { nameOf, openPublished, readAbout, readDatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import { cidOfDigest } from '#lib/formats/block/cid-of-digest.ts';
import type { Contributor } from '#lib/formats/datanet/datanet-version.ts';
import { parseModelManifest, type ModelManifest } from '#lib/formats/model/model-manifest.ts';
import type { DatanetRef } from '#lib/formats/payment/lineage.ts';
import type { PublishedModelVersion } from '#lib/registry/published/published-models.ts';

type Cited = Pick<DatanetRef, 'datanet' | 'version'>;

export type TraceModelEvent =
  | { type: 'described'; version: number; manifest: ModelManifest }
  /** The manifest is not here, or is not one. */
  | { type: 'undescribed'; version: number; error: unknown }
  | { type: 'cited'; cited: Cited; name: string; rows: number; contributors: readonly Contributor[] }
  | { type: 'unread'; cited: Cited; error: unknown };

export interface TraceModelInput {
  id: string;
  /** Newest first. */
  versions: readonly PublishedModelVersion[];
  /** Datanet versions; those that occur twice are read once. */
  cited: readonly Cited[];
}

const AT_ONCE = 6;
const MOST_MANIFESTS = 24;
const MOST_CITED = 48;

/**
 * A part that cannot be read is an event of its own; the others go on. At most 24 manifests and 48 Datanet versions are read.
 *
 * @example
 * import { traceModel } from '#lib/flows/trace-model.ts';
 *
 * const { id, versions } = registered;
 * const cited = versions.flatMap(({ refs }) => refs);
 * for await (const event of traceModel(datanets, { id, versions, cited }, { signal }))
 *   if (event.type === 'cited') show(`${event.name}: ${event.contributors.length} contributors`);
 */
export async function* traceModel(
  context: Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>,
  { id, versions, cited }: TraceModelInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<TraceModelEvent, void, void> {
  const describe = async ({ version, manifest }: PublishedModelVersion): Promise<TraceModelEvent> => {
    try {
      const bytes = await context.ipfs.block(cidOfDigest(manifest), signal);
      const parsed = parseModelManifest(bytes, `The manifest of model ${id} v${version}`);
      return { type: 'described', version, manifest: parsed };
    } catch (error) {
      return { type: 'undescribed', version, error };
    }
  };
  const readCited = async ({ datanet, version }: Cited): Promise<TraceModelEvent> => {
    const named = { datanet, version };
    try {
      const facts = await readDatanetFacts(context, datanet);
      // The name is only for show, so the number does where the description is missing.
      const about = await readAbout(context, facts, signal).catch(() => null);
      const { version: open } = await openPublished(context, facts, version, signal);
      const { rows } = open.version.stats;
      return { type: 'cited', cited: named, name: nameOf(facts, about), rows, contributors: open.contributors };
    } catch (error) {
      return { type: 'unread', cited: named, error };
    }
  };
  const once = new Map(cited.map((one) => [`${one.datanet}:${one.version}`, one]));
  const work = [
    ...versions.slice(0, MOST_MANIFESTS).map((one) => () => describe(one)),
    ...[...once.values()].slice(0, MOST_CITED).map((one) => () => readCited(one)),
  ];
  for (let at = 0; at < work.length; at += AT_ONCE) {
    const events = await Promise.all(work.slice(at, at + AT_ONCE).map((run) => run()));
    signal.throwIfAborted();
    yield* events;
  }
}
