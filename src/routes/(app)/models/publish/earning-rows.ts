// A simulation of earnings as rows of a table: each party that is paid, and what. The rows add up to the payment.

import { shortHex } from '#lib/chain/words/short-words.ts';
import { counted } from '#lib/core/count-words.ts';
import type { Simulation } from '#lib/settlement/simulate-earnings.ts';

interface EarningRow {
  who: string;
  wei: bigint;
}

const MOST_HOLDERS = 5;
const sum = (all: readonly { wei: bigint }[]): bigint => all.reduce((total, { wei }) => total + wei, 0n);

/** `account` is called "You". */
export function earningRows(paid: Simulation, account: string | undefined): EarningRow[] {
  const named = (who: string) => (who.toLowerCase() === account?.toLowerCase() ? 'you' : shortHex(who));
  const rows: EarningRow[] = [
    { who: 'You, who publish it', wei: paid.devWei },
    ...paid.datanets.flatMap(({ datanet, version, curatorsWei, holders }) => {
      const of = `Datanet ${datanet} v${version}`;
      const sorted = [...holders].sort((a, b) => (a.wei < b.wei ? 1 : -1));
      const rest = sorted.slice(MOST_HOLDERS);
      return [
        { who: `${of}: its owner, for curators`, wei: curatorsWei },
        ...sorted
          .slice(0, MOST_HOLDERS)
          .map((one) => ({ who: `${of}: ${named(one.account)}, ${counted(one.rows, 'row')}`, wei: one.wei })),
        ...(rest.length > 0 ? [{ who: `${of}: ${counted(rest.length, 'other contributor')}`, wei: sum(rest) }] : []),
      ];
    }),
    ...paid.parents.map(({ model, version, payout, wei }) => ({
      ...{ who: `Model ${model} v${version}: ${named(payout)}`, wei },
    })),
    { who: 'Nodes that answer', wei: paid.nodeWei },
    { who: 'Treasury, the protocol’s fee', wei: paid.feeWei },
  ].filter(({ wei }) => wei > 0n);
  // Kept parts, the pool by influence, and what rounding leaves.
  const rest = paid.grossWei - sum(rows);
  return rest > 0n
    ? [...rows, { who: 'Paid later: the pool by influence, and what rounding leaves', wei: rest }]
    : rows;
}
