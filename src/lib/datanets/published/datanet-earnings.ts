// Income of a Datanet's contributors according to the chain: the model versions that cite a version of it, and what these have paid to
// contributors. Influence shares one part call by call; the rest, the flat part, is shared by numbers of rows. Both include
// contributors of other Datanets that the same versions cite.

import type { IncomeRow, ModelVersionRow } from '#lib/chain/indexer/tables.ts';
import { unpackDatanetRef } from '#lib/formats/payment/lineage.ts';

export interface DatanetEarnings {
  /** Models with a version that cites one of it. */
  models: number;
  /** Paid to contributors by all these versions. */
  paidWei: bigint;
  /** Of it, what influence shares. */
  poolWei: bigint;
}

export interface EarningRows {
  modelVersions: readonly ModelVersionRow[];
  income: readonly IncomeRow[];
}

const citedDatanets = ({ refs }: ModelVersionRow): string[] =>
  refs
    .split(' ')
    .filter(Boolean)
    .map((ref) => String(unpackDatanetRef(BigInt(ref)).datanet));

/** Looks up earnings by the Datanet's number, as text. */
export function datanetEarnings({ modelVersions, income }: EarningRows): (id: string) => DatanetEarnings {
  const paid = new Map(income.map((row) => [`${row.model}:${row.version}`, row]));
  const citing = new Map<string, ModelVersionRow[]>();
  for (const row of modelVersions) {
    for (const id of new Set(citedDatanets(row))) citing.set(id, [...(citing.get(id) ?? []), row]);
  }
  return (id) => {
    const versions = citing.get(id) ?? [];
    const rows = versions.flatMap(({ model, version }) => paid.get(`${model}:${version}`) ?? []);
    return {
      models: new Set(versions.map(({ model }) => model)).size,
      paidWei: rows.reduce((sum, { dataWei }) => sum + BigInt(dataWei), 0n),
      poolWei: rows.reduce((sum, { poolWei }) => sum + BigInt(poolWei), 0n),
    };
  };
}
