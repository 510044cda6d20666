// The story of the Datanets that a chain knows: from what the indexer has read, and then, one after the other, what each says of
// itself. One whose description nobody has is listed by its number.

import type { Row } from '#lib/chain/indexer/rows.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { parseAbout } from '#lib/formats/datanet/datanet-about.ts';
import { LICENCES } from '#lib/formats/datanet/licences.ts';
import { cborCidOf, type IpfsAccess } from '#lib/datanets/datanet-context.ts';
import { tagsOf } from '#lib/datanets/published/tags-of.ts';
import { datanetEarnings, type DatanetEarnings, type EarningRows } from '#lib/datanets/published/datanet-earnings.ts';

export interface ListedDatanet {
  /** Its number on the chain. */
  id: string;
  name: string;
  description: string;
  field: string;
  tags: readonly string[];
  licence: string;
  owner: Hex;
  /** Of the newest version; 0 while there is none. */
  rows: number;
  versions: number;
  /** Waiting for a curator. */
  pending: number;
  earnings: DatanetEarnings;
}

export interface DatanetRows extends EarningRows {
  datanets: readonly Row[];
  datanetVersions: readonly Row[];
  contributions: readonly Row[];
}

const AT_ONCE = 6;

/** All of them at once with their numbers as names, then again whenever some have got theirs. Newest first. */
export async function* listChainDatanets(
  { block }: Pick<IpfsAccess, 'block'>,
  tables: DatanetRows,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<readonly ListedDatanet[], void, void> {
  const newest = new Map(
    tables.datanetVersions.map((row) => [`${String(row['datanet'])}:${String(row['version'])}`, row]),
  );
  const earningsOf = datanetEarnings(tables);
  const listed = tables.datanets
    .map((row): ListedDatanet & { meta: Hex } => {
      const id = String(row['id']);
      const versions = Number(row['versions'] ?? 0);
      return {
        id,
        meta: String(row['meta']) as Hex,
        ...{ name: `Datanet ${id}`, description: '', field: '' },
        tags: tagsOf(row),
        licence: LICENCES[Number(row['licence']) - 1]?.spdx ?? `licence ${String(row['licence'])}`,
        owner: String(row['owner']).toLowerCase() as Hex,
        rows: Number(newest.get(`${id}:${versions}`)?.['rows'] ?? 0),
        versions,
        pending: tables.contributions.filter(({ datanet, state }) => datanet === id && state === 'pending').length,
        earnings: earningsOf(id),
      };
    })
    .sort((a, b) => Number(b.id) - Number(a.id));
  yield [...listed];
  for (let at = 0; at < listed.length; at += AT_ONCE) {
    signal.throwIfAborted();
    await Promise.all(
      listed.slice(at, at + AT_ONCE).map(async (one, offset) => {
        try {
          const about = parseAbout(await block(cborCidOf(one.meta), signal), `The description of Datanet ${one.id}`);
          listed[at + offset] = { ...one, name: about.name, description: about.description, field: about.field };
        } catch {
          // Its number stays its name; whoever opens it is told what is missing.
        }
      }),
    );
    yield [...listed];
  }
}
