// What calls of a model version would pay to each account, to the wei, by the rules of the contracts: `splitPayment` for the payment,
// `spreadLineage` for contributors' money, generation by generation, and the numbers of rows for holders. It reads no chain.

import type { Hex } from '#lib/core/bytes.ts';
import { citedKey, type Lineage, type ModelVersion } from '#lib/formats/payment/lineage.ts';
import { splitPayment, type PaymentSplit, type PaymentTerms } from '#lib/formats/payment/payment-split.ts';
import { spreadLineage, type DatanetPart } from '#lib/formats/payment/spread-lineage.ts';
import { LineageUnknownError } from './errors.ts';

export interface SimulatedHolder {
  account: Hex;
  rows: number;
}

/** A Datanet version that is cited. */
export interface SimulatedDatanet {
  datanet: bigint;
  version: number;
  curatorBps: number;
  /** In the order of the shares; those without an account are paid to the owner. */
  holders: readonly SimulatedHolder[];
}

/** A version that is continued, with the account that its developer's part goes to. */
export interface SimulatedParent extends ModelVersion {
  payout: Hex;
  lineage: Lineage;
}

export interface SimulationInput {
  /** In one redemption; several redemptions round more often. */
  calls: bigint;
  /** Tokens of all calls together. */
  tokens: bigint;
  perCallWei: bigint;
  per1kTokensWei: bigint;
  /** Without `hasContributors`, which follows from the lineage. */
  terms: Omit<PaymentTerms, 'hasContributors'>;
  lineage: Lineage;
  /** Every Datanet version that the lineage or one of its parents cites. */
  datanets: readonly SimulatedDatanet[];
  /** Every version up the line of parents. */
  parents: readonly SimulatedParent[];
}

export interface SimulatedDatanetIncome extends DatanetPart {
  /** The version whose lineage cites it; null is the simulated one. */
  citedBy: ModelVersion | null;
  holders: (SimulatedHolder & { wei: bigint })[];
  /** Lost to rounding; it is paid with later income. */
  restWei: bigint;
}

export interface Simulation extends PaymentSplit {
  grossWei: bigint;
  datanets: SimulatedDatanetIncome[];
  /** Developers of parents whose lineage is empty. */
  parents: (ModelVersion & { payout: Hex; wei: bigint })[];
  /** Of all lineages, lost to rounding; it is spread with later income. */
  leftWei: bigint;
}

/** More generations than this are not simulated. */
const MOST_GENERATIONS = 32;

/**
 * The parts add up to `grossWei`: fee, kept part, developer, node, pool, curators, holders, rests, parents and `leftWei`.
 *
 * @throws OutOfRangeError for terms that are no whole, LineageUnknownError when the input lacks a Datanet version or a parent
 * @example
 * import { parseEther } from 'viem';
 * import { simulateEarnings } from '#lib/settlement/simulate-earnings.ts';
 *
 * const prices = { perCallWei: parseEther('0.01'), per1kTokensWei: 0n };
 * const terms = { feeBps: 250, devBps: 4_000, dataBps: 4_000, nodeBps: 2_000 };
 * const lineage = { parent: null, refs: [{ datanet: 3n, version: 2, weight: 240 }] };
 * const datanets = [{ datanet: 3n, version: 2, curatorBps: 500, holders: [{ account, rows: 240 }] }];
 * const paid = simulateEarnings({ calls: 1_000n, tokens: 0n, ...prices, terms, lineage, datanets, parents: [] });
 * show(`${paid.devWei} wei to the developer, ${paid.datanets[0]?.holdersWei} wei to contributors`);
 */
export function simulateEarnings(input: SimulationInput): Simulation {
  const { calls, tokens, perCallWei, per1kTokensWei, terms, lineage } = input;
  const grossWei = calls * perCallWei + divideUp(tokens * per1kTokensWei, 1000n);
  const split = splitPayment(grossWei, { ...terms, hasContributors: hasSources(lineage) });
  const found: Pick<Simulation, 'datanets' | 'parents' | 'leftWei'> = { datanets: [], parents: [], leftWei: 0n };
  let next: { amountWei: bigint; lineage: Lineage; of: ModelVersion | null } | null = hasSources(lineage)
    ? { amountWei: split.dataWei - split.poolWei, lineage, of: null }
    : null;
  for (let generation = 0; next !== null; generation++) {
    const { amountWei, of } = next;
    const { up, datanets, leftWei } = spreadLineage(amountWei, next.lineage, (key) => datanetOf(input, key).curatorBps);
    found.datanets.push(...datanets.map((part) => amongHolders(part, of, datanetOf(input, citedKey(part)))));
    found.leftWei += leftWei;
    next = null;
    if (up === null || up.wei === 0n) continue;
    const parent = parentOf(input, up);
    if (!hasSources(parent.lineage)) {
      found.parents.push({ model: up.model, version: up.version, payout: parent.payout, wei: up.wei });
    } else if (generation + 1 < MOST_GENERATIONS) {
      next = { amountWei: up.wei, lineage: parent.lineage, of: up };
    } else found.leftWei += up.wei;
  }
  return { ...split, grossWei, ...found };
}

const hasSources = ({ parent, refs }: Lineage): boolean => parent !== null || refs.length > 0;

const divideUp = (amount: bigint, whole: bigint): bigint => (amount + whole - 1n) / whole;

function datanetOf({ datanets }: SimulationInput, key: bigint): SimulatedDatanet {
  const found = datanets.find((one) => citedKey(one) === key);
  if (!found) throw new LineageUnknownError(`version ${key & 0xffff_ffffn} of Datanet ${key >> 32n}`);
  return found;
}

function parentOf({ parents }: SimulationInput, { model, version }: ModelVersion): SimulatedParent {
  const found = parents.find((one) => one.model === model && one.version === version);
  if (!found) throw new LineageUnknownError(`version ${version} of model ${model}`);
  return found;
}

function amongHolders(
  part: DatanetPart,
  citedBy: ModelVersion | null,
  { holders }: SimulatedDatanet,
): SimulatedDatanetIncome {
  const rows = holders.reduce((sum, holder) => sum + BigInt(holder.rows), 0n);
  const paid = holders.map((holder) => ({
    ...holder,
    wei: rows === 0n ? 0n : (part.holdersWei * BigInt(holder.rows)) / rows,
  }));
  const restWei = part.holdersWei - paid.reduce((sum, { wei }) => sum + wei, 0n);
  return { ...part, citedBy, holders: paid, restWei };
}
