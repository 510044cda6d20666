// Income of a Datanet's contributors according to the chain: the models that cite a version of it, and what these have paid to
// contributors. Each epoch's attribution says which contributor gets how much, including contributors of other Datanets that the
// models cite.

import type { IncomeRow, ModelVersionRow } from '#lib/chain/indexer/tables.ts';

export interface DatanetEarnings {
  /** Models that cite a version of it. */
  models: number;
  /** Paid to contributors by all these models. */
  paidWei: bigint;
}

export interface EarningRows {
  modelVersions: readonly ModelVersionRow[];
  income: readonly IncomeRow[];
}

const NOTHING: DatanetEarnings = { models: 0, paidWei: 0n };

/** Looks up earnings by the Datanet's number, as text. */
export function datanetEarnings({ modelVersions, income }: EarningRows): (id: string) => DatanetEarnings {
  const paid = new Map(income.map((row) => [row.model, BigInt(row.dataWei)]));
  const citing = new Map<string, Set<string>>();
  for (const { model, cites } of modelVersions) {
    for (const id of cites.split(' ').filter(Boolean)) {
      const models = citing.get(id) ?? new Set();
      citing.set(id, models.add(model));
    }
  }
  return (id) => {
    const models = citing.get(id);
    if (!models) return NOTHING;
    return { models: models.size, paidWei: [...models].reduce((sum, model) => sum + (paid.get(model) ?? 0n), 0n) };
  };
}
