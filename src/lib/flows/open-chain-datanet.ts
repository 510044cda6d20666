// Opens a Datanet of a chain: reads the registry, opens the description and one version from blocks of this device and of pinners, and
// proves a requested row against the version's root.

import {
  openPublished,
  readAbout,
  readDatanetFacts,
  nameOf,
  type DatanetFacts,
} from '#lib/datanets/published/published-datanet.ts';
import type { PublishedVersion } from '#lib/chain/reads/read-published-version.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import { proveHere } from '#lib/datanets/published/prove-here.ts';
import { readmeOf } from '#lib/datanets/published/readme-of.ts';
import type { OpenDatanet } from './open-datanet.ts';
import type { RowProof } from '#lib/dataset/prove-row.ts';

export interface ChainDatanet {
  facts: DatanetFacts;
  name: string;
  description: string;
  field: string;
}

export type OpenChainDatanetEvent =
  /** The chain's record and the description, before the version is read. */
  | { type: 'known'; datanet: ChainDatanet }
  | { type: 'opened'; datanet: OpenDatanet; published: PublishedVersion }
  | { type: 'proven'; proof: RowProof };

export interface OpenChainDatanetInput {
  id: bigint;
  /** Number of a version; default is the newest. */
  version?: number | undefined;
  /** Id or index of a row to be proven. */
  row?: string | undefined;
}

/**
 * @throws as `readDatanetFacts`, `readAbout`, `openPublished`; a Datanet without versions ends after `known`
 *
 * @example
 * import { openChainDatanet } from '#lib/flows/open-chain-datanet.ts';
 *
 * for await (const event of openChainDatanet(datanets, { id: 3n, row: 'bird-17' }, { signal })) {
 *   if (event.type === 'opened') show(`Version ${event.published.version} of ${event.datanet.name}`);
 *   if (event.type === 'proven') show(event.proof.row.text);
 * }
 */
export async function* openChainDatanet(
  context: Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>,
  { id, version: wanted, row }: OpenChainDatanetInput,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<OpenChainDatanetEvent, void, void> {
  const facts = await readDatanetFacts(context, id);
  const n = wanted ?? facts.versions;
  const opening = n > 0 ? openPublished(context, facts, n, signal) : null;
  // A failure is thrown below, after `known`.
  opening?.catch(() => undefined);
  const about = await readAbout(context, facts, signal);
  const name = nameOf(facts, about);
  const { description = '', field = '' } = about ?? {};
  yield { type: 'known', datanet: { facts, name, description, field } };
  if (!opening) return;
  const { version, published } = await opening;
  yield { type: 'opened', datanet: { name, description, version, readme: await readmeOf(version, signal) }, published };
  if (row !== undefined) yield { type: 'proven', proof: await proveHere(version, row, context.digester, signal) };
}
