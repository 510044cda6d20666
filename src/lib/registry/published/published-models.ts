// The models of a chain, from the indexer's rows: who owns each, its versions with their sources, its prices, and what its versions were
// paid. Reads nothing. Texts of the chain are untrusted.

import { hexToString, type Address } from 'viem';
import type { BaseRow, IncomeRow, ModelRow, ModelVersionRow } from '#lib/chain/indexer/tables.ts';
import type { Hex } from '#lib/core/bytes.ts';
import { LICENCES } from '#lib/formats/datanet/licences.ts';
import { unpackDatanetRef, unpackParent, type DatanetRef, type ModelVersion } from '#lib/formats/payment/lineage.ts';

/** What was paid for calls, and where it went. */
export interface ModelIncome {
  calls: bigint;
  grossWei: bigint;
  feeWei: bigint;
  devWei: bigint;
  dataWei: bigint;
  nodeWei: bigint;
}

export interface PublishedModelVersion {
  version: number;
  adapter: Hex;
  manifest: Hex;
  parent: ModelVersion | null;
  refs: readonly DatanetRef[];
  isDeprecated: boolean;
  income: ModelIncome;
}

export interface PublishedModel {
  /** The number on the chain. */
  id: string;
  owner: Address;
  base: { id: number; family: string; architecture: Hex | null };
  licence: string;
  perCallWei: bigint;
  per1kTokensWei: bigint;
  /** Newest first. */
  versions: readonly PublishedModelVersion[];
  /** Of all versions. */
  income: ModelIncome;
}

export interface ModelRows {
  models: readonly ModelRow[];
  bases: readonly BaseRow[];
  modelVersions: readonly ModelVersionRow[];
  income: readonly IncomeRow[];
}

const NOTHING: ModelIncome = { calls: 0n, grossWei: 0n, feeWei: 0n, devWei: 0n, dataWei: 0n, nodeWei: 0n };

const incomeOf = (row: IncomeRow | undefined): ModelIncome =>
  row === undefined
    ? NOTHING
    : {
        calls: BigInt(row.calls),
        grossWei: BigInt(row.grossWei),
        feeWei: BigInt(row.feeWei),
        devWei: BigInt(row.devWei),
        dataWei: BigInt(row.dataWei),
        nodeWei: BigInt(row.nodeWei),
      };

const plus = (a: ModelIncome, b: ModelIncome): ModelIncome => ({
  calls: a.calls + b.calls,
  grossWei: a.grossWei + b.grossWei,
  feeWei: a.feeWei + b.feeWei,
  devWei: a.devWei + b.devWei,
  dataWei: a.dataWei + b.dataWei,
  nodeWei: a.nodeWei + b.nodeWei,
});

/** A short text of 32 bytes; one that is no plain text stays hexadecimal. */
export function shortText(word: Hex): string {
  try {
    const text = hexToString(word, { size: 32 });
    return /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(text) ? text : word;
  } catch {
    return word;
  }
}

export const licenceName = (id: number): string => LICENCES[id - 1]?.spdx ?? `licence ${id} of the registry`;

const refsOf = ({ refs }: ModelVersionRow): DatanetRef[] =>
  refs
    .split(' ')
    .filter(Boolean)
    .map((ref) => unpackDatanetRef(BigInt(ref)));

/** All models, newest first. */
export function publishedModels({ models, bases, modelVersions, income }: ModelRows): PublishedModel[] {
  const paid = new Map(income.map((row) => [`${row.model}:${row.version}`, row]));
  const baseOf = new Map(bases.map((row) => [row.id, row]));
  const versionsOf = new Map<string, PublishedModelVersion[]>();
  for (const row of modelVersions) {
    const list = versionsOf.get(row.model) ?? [];
    versionsOf.set(row.model, list);
    list.push({
      version: row.version,
      adapter: row.adapter,
      manifest: row.manifest,
      parent: unpackParent(BigInt(row.parent)),
      refs: refsOf(row),
      isDeprecated: row.deprecated,
      income: incomeOf(paid.get(`${row.model}:${row.version}`)),
    });
  }
  return models
    .map((row): PublishedModel => {
      const base = baseOf.get(String(row.base));
      const versions = (versionsOf.get(row.id) ?? []).sort((a, b) => b.version - a.version);
      return {
        id: row.id,
        owner: row.owner,
        base: {
          id: row.base,
          family: base ? shortText(base.family) : `base ${row.base}`,
          architecture: base?.architecture ?? null,
        },
        licence: licenceName(row.licence),
        perCallWei: BigInt(row.perCallWei ?? '0'),
        per1kTokensWei: BigInt(row.per1kTokensWei ?? '0'),
        versions,
        income: versions.reduce((sum, one) => plus(sum, one.income), NOTHING),
      };
    })
    .sort((a, b) => Number(b.id) - Number(a.id));
}

export interface Ancestor extends ModelVersion {
  /** Null where the chain's rows do not have it. */
  release: PublishedModelVersion | null;
}

const MOST_ANCESTORS = 32;

/** The versions that `release` continues, the nearest first; at most 32, and none twice. */
export function ancestorsOf(
  models: readonly PublishedModel[],
  release: PublishedModelVersion,
): { ancestors: readonly Ancestor[]; hasMore: boolean } {
  const byId = new Map(models.map((model) => [model.id, model]));
  const ancestors: Ancestor[] = [];
  const seen = new Set<string>();
  let next = release.parent;
  while (next !== null) {
    const { model, version } = next;
    const key = `${model}:${version}`;
    if (ancestors.length === MOST_ANCESTORS || seen.has(key)) return { ancestors, hasMore: true };
    seen.add(key);
    const found = byId.get(String(model))?.versions.find((one) => one.version === version) ?? null;
    ancestors.push({ model, version, release: found });
    next = found?.parent ?? null;
  }
  return { ancestors, hasMore: false };
}
