// The Datanet versions that a model cites, opened and checked against the chain: their licences, also those that single rows name, and
// whom their income is shared by.

import { termsOf } from '#lib/factory/check-licences.ts';
import { shardSource } from '#lib/factory/row-sources.ts';
import type { SourcedRow } from '#lib/factory/training-row.ts';
import type { DatanetContext } from '#lib/datanets/datanet-context.ts';
import {
  nameOf,
  openPublished,
  readAbout,
  readDatanetFacts,
  type DatanetFacts,
} from '#lib/datanets/published/published-datanet.ts';
import type { OpenVersion } from '#lib/dataset/version-reader.ts';
import { findLicence, type Licence } from '#lib/formats/datanet/licences.ts';
import type { CardData } from '#lib/formats/model/model-card.ts';
import { citedKey, type DatanetRef } from '#lib/formats/payment/lineage.ts';
import { NotPublishableError } from '#lib/registry/errors.ts';
import { rowWeights } from '#lib/registry/publishing/row-weights.ts';
import type { SimulatedDatanet } from '#lib/settlement/simulate-earnings.ts';

/** A Datanet version, and how many of its rows the adapter was trained on; null is all. */
export interface UsedData {
  datanet: bigint;
  version: number;
  rows: number | null;
}

export interface CitedData {
  ref: DatanetRef;
  facts: DatanetFacts;
  open: OpenVersion;
  card: CardData;
  simulated: SimulatedDatanet;
}

type Reading = Pick<DatanetContext, 'chain' | 'ipfs' | 'digester'>;

const MOST_CITED = 16;

/** In the order of the registry. @throws NotPublishableError, TrainingDataError, and as `openPublished` */
export async function readCitedData(
  context: Reading,
  used: readonly UsedData[],
  signal: AbortSignal,
): Promise<{ cited: CitedData[]; licences: { name: string; licence: Licence }[] }> {
  if (used.length > MOST_CITED)
    throw new NotPublishableError(
      `${used.length} Datanet versions are cited; a model cites at most ${MOST_CITED}.`,
      'Leave some out.',
    );
  const sorted = [...used].sort((a, b) => (citedKey(a) < citedKey(b) ? -1 : 1));
  sorted.forEach((one, at) => {
    if (at > 0 && citedKey(sorted[at - 1]!) === citedKey(one))
      throw new NotPublishableError(
        `Datanet ${one.datanet} v${one.version} is cited twice.`,
        'Cite it once, with all rows.',
      );
  });
  const opened = [];
  for (const one of sorted) opened.push(await openCited(context, one, signal));
  const sources = opened.map(({ open, facts }) => shardSource(open, facts.licence));
  const licensed: SourcedRow[] = [];
  for (const [source, { open }] of opened.entries()) {
    if (!mayNameLicences(open)) continue;
    for await (const rows of sources[source]!.rows(signal))
      for (const { id, leaf, value } of rows) {
        const { licence } = value;
        if (licence !== undefined) licensed.push({ id, leaf, source, value: { licence } });
      }
  }
  const { unpublishable } = termsOf(sources, licensed);
  if (unpublishable !== null) throw new NotPublishableError(unpublishable, 'Leave out one of the data sets.');
  const weights = rowWeights(opened.map(({ rowsUsed }) => rowsUsed));
  const cited = opened.map(({ facts, open, name, rowsUsed }, at): CitedData => {
    const { id: datanet } = facts;
    const version = open.version.n;
    const rowLicences = licencesOf(licensed, at, facts.licence);
    return {
      ...{ facts, open, ref: { datanet, version, weight: weights[at]! } },
      card: {
        ...{ datanet: facts.name, version, name, manifest: open.cid.toString(), rowsUsed },
        ...{ licence: facts.licence.spdx, rowLicences, rows: open.version.stats.rows },
        contributors: open.contributors.length,
      },
      simulated: simulatedOf(facts, open),
    };
  });
  const licences = cited.flatMap(({ facts, card }) => [
    { name: `${card.name} v${card.version}`, licence: facts.licence },
    ...card.rowLicences.flatMap((spdx) => {
      const licence = findLicence(spdx);
      return licence ? [{ name: `A row of ${card.name} v${card.version}`, licence }] : [];
    }),
  ]);
  return { cited, licences };
}

export const simulatedOf = (
  { id: datanet, curatorBps }: Pick<DatanetFacts, 'id' | 'curatorBps'>,
  { version, contributors }: Pick<OpenVersion, 'version' | 'contributors'>,
): SimulatedDatanet => ({
  ...{ datanet, version: version.n, curatorBps },
  holders: contributors.map(({ address, rows }) => ({ account: address, rows })),
});

async function openCited(context: Reading, { datanet, version, rows }: UsedData, signal: AbortSignal) {
  const facts = await readDatanetFacts(context, datanet);
  const about = await readAbout(context, facts, signal).catch(() => null);
  const { version: open } = await openPublished(context, facts, version, signal);
  const all = open.version.stats.rows;
  const rowsUsed = rows ?? all;
  if (rowsUsed < 1 || rowsUsed > all) {
    throw new NotPublishableError(
      `${rowsUsed} rows of Datanet ${datanet} v${version} are said to be used; it has ${all}.`,
      `Name from 1 to ${all} rows.`,
    );
  }
  return { facts, open, name: nameOf(facts, about), rowsUsed };
}

/** Column statistics name the fields of plain rows; without any, or with sealed rows, single rows must be looked at. */
const mayNameLicences = ({ version }: OpenVersion): boolean =>
  version.stats.columns.length === 0 || version.stats.columns.some(({ name }) => name === 'licence');

function licencesOf(rows: readonly SourcedRow[], source: number, own: Licence): string[] {
  const found = new Set<string>();
  for (const row of rows) {
    if (row.source !== source) continue;
    const licence = row.value['licence'];
    if (typeof licence === 'string' && licence.trim() !== '' && licence.trim() !== own.spdx) found.add(licence.trim());
  }
  return [...found].sort();
}
