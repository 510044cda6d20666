// What the rows of a Datanet have earned, as far as the chain says it: which models cite a version of it, and what these have paid
// to contributors. Who of them gets how much, other Datanets that they cite included, each epoch's attribution says.

import type { IncomeRow, ModelVersionRow } from '#lib/chain/indexer/tables.ts';

export interface DatanetEarnings {
  /** Models that cite a version of it. */
  models: number;
  /** Contributors' part of all these models' income. */
  paidWei: bigint;
}

export interface EarningRows {
  modelVersions: readonly ModelVersionRow[];
  income: readonly IncomeRow[];
}

const NOTHING: DatanetEarnings = { models: 0, paidWei: 0n };

/** By the number of the Datanet, as text. */
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
