// Lists the Datanets of a chain: first from the indexer's rows, then with the description of each. A Datanet whose description cannot
// be fetched keeps its number as its name.

import type { ContributionRow, DatanetRow, DatanetVersionRow } from '#lib/chain/indexer/tables.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { cidOfDigest } from '#lib/formats/block/cid-of-digest.ts';
import { parseAbout } from '#lib/formats/datanet/datanet-about.ts';
import { LICENCES } from '#lib/formats/datanet/licences.ts';
import type { IpfsAccess } from '#lib/datanets/datanet-context.ts';
import { tagsOf } from '#lib/datanets/published/tags-of.ts';
import { datanetEarnings, type DatanetEarnings, type EarningRows } from '#lib/datanets/published/datanet-earnings.ts';

export interface ListedDatanet {
  /** The number on the chain. */
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
  /** Contributions that wait for a curator. */
  pending: number;
  earnings: DatanetEarnings;
}

export interface DatanetRows extends EarningRows {
  datanets: readonly DatanetRow[];
  datanetVersions: readonly DatanetVersionRow[];
  contributions: readonly ContributionRow[];
}

const AT_ONCE = 6;

/**
 * Yields the whole list, newest first: with numbers as names, then again after each batch of descriptions.
 *
 * @example
 * import { listChainDatanets } from '#lib/flows/list-chain-datanets.ts';
 *
 * for await (const listed of listChainDatanets(datanets.ipfs, tables, { signal }))
 *   show(listed.map(({ id, name, rows }) => `${id} ${name}: ${rows} rows`));
 */
export async function* listChainDatanets(
  { block }: Pick<IpfsAccess, 'block'>,
  tables: DatanetRows,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<readonly ListedDatanet[], void, void> {
  const newest = new Map(tables.datanetVersions.map((row) => [`${row.datanet}:${row.version}`, row]));
  const earningsOf = datanetEarnings(tables);
  const listed = tables.datanets
    .map((row): ListedDatanet & { meta: Hex } => {
      const { id, meta, licence, versions } = row;
      return {
        id,
        meta,
        ...{ name: `Datanet ${id}`, description: '', field: '' },
        tags: tagsOf(row),
        licence: LICENCES[licence - 1]?.spdx ?? `licence ${licence}`,
        owner: row.owner.toLowerCase() as Hex,
        rows: newest.get(`${id}:${versions}`)?.rows ?? 0,
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
          const about = parseAbout(await block(cidOfDigest(one.meta), signal), `The description of Datanet ${one.id}`);
          listed[at + offset] = { ...one, name: about.name, description: about.description, field: about.field };
        } catch {
          // Its page says what is missing.
        }
      }),
    );
    yield [...listed];
  }
}
