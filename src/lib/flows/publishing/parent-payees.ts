// Who is paid when a model's contributors' money goes up to the version that it continues, and from there further up: lineages from the
// chain's rows, shares from the Datanet versions that are cited there.

import { readModel } from '#lib/chain/reads/read-model.ts';
import type { Hex } from '#lib/core/bytes.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { openPublished, readDatanetFacts } from '#lib/datanets/published/published-datanet.ts';
import { citedKey, type ModelVersion } from '#lib/formats/payment/lineage.ts';
import { ancestorsOf, type PublishedModel } from '#lib/registry/published/published-models.ts';
import { LineageUnknownError } from '#lib/settlement/errors.ts';
import type { SimulatedDatanet, SimulatedParent } from '#lib/settlement/simulate-earnings.ts';
import { simulatedOf } from './cited-data.ts';

/** @throws LineageUnknownError, and as `openPublished` */
export async function readParentPayees(
  context: Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>,
  models: readonly PublishedModel[],
  parent: ModelVersion,
  signal: AbortSignal,
): Promise<{ parents: SimulatedParent[]; datanets: SimulatedDatanet[] }> {
  const release = models
    .find(({ id }) => id === String(parent.model))
    ?.versions.find(({ version }) => version === parent.version);
  if (!release) throw new LineageUnknownError(`version ${parent.version} of model ${parent.model}`);
  const { ancestors } = ancestorsOf(models, release);
  const parents: SimulatedParent[] = [];
  const datanets = new Map<bigint, SimulatedDatanet>();
  for (const { model, version, release: found } of [{ ...parent, release }, ...ancestors]) {
    const facts = await readModel(context.chain, model);
    if (!facts || !found) throw new LineageUnknownError(`version ${version} of model ${model}`);
    parents.push({
      ...{ model, version, payout: facts.terms.payout.toLowerCase() as Hex },
      lineage: { parent: found.parent, refs: found.refs },
    });
    for (const ref of found.refs) {
      if (datanets.has(citedKey(ref))) continue;
      const cited = await readDatanetFacts(context, ref.datanet);
      const { version: open } = await openPublished(context, cited, ref.version, signal);
      datanets.set(citedKey(ref), simulatedOf(cited, open));
    }
  }
  return { parents, datanets: [...datanets.values()] };
}
