// Which contributions the next version adds and removes: accepted ones that the newest version lacks, and withdrawn ones that the
// newest version still holds. Reads the chain and the newest version's lists, but no rows.

import type { Hex } from '#lib/core/bytes.ts';
import type { Merged } from '#lib/formats/datanet/datanet-version.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import { contributionsOf, type ChainContribution } from './chain-contributions.ts';
import type { DatanetContext } from '../datanet-context.ts';
import { openPublished, readDatanetFacts, type DatanetFacts } from '../published/published-datanet.ts';

export interface NextContributions {
  facts: DatanetFacts;
  /** The newest version. */
  parent: OpenVersion | null;
  /** The contributions that its rows come from, by digest. */
  before: ReadonlyMap<Hex, Merged>;
  /** All contributions, in the order of the chain. */
  all: readonly ChainContribution[];
  taken: readonly ChainContribution[];
  takenBack: readonly ChainContribution[];
}

/** @throws as `openPublished`, and when the chain cannot be read */
export async function readNextContributions(
  context: Pick<DatanetContext, 'chain' | 'ipfs' | 'digester' | 'records'>,
  id: bigint,
  signal?: AbortSignal,
): Promise<NextContributions> {
  const facts = await readDatanetFacts(context, id);
  const parent = facts.versions > 0 ? (await openPublished(context, facts, facts.versions, signal)).version : null;
  const before = new Map((await parent?.merged())?.map((one) => [one.contribution, one]));
  const all = contributionsOf(await context.records('contributions'), id);
  const owners = new Set(parent?.contributors.map(({ address }) => address));
  return {
    ...{ facts, parent, before, all },
    taken: all.filter(({ state, content }) => state === 'accepted' && !before.has(content)),
    takenBack: all.filter(
      ({ state, content, contributor }) => state === 'withdrawn' && before.has(content) && owners.has(contributor),
    ),
  };
}
