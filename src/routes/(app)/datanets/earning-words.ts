// What models that cite a Datanet have paid, in words.

import { inOpen } from '#lib/chain/words/amount-words.ts';
import type { DatanetEarnings } from '#lib/datanets/published/datanet-earnings.ts';

export const earningWords = ({ models, paidWei }: DatanetEarnings): string =>
  models === 1
    ? `1 model cites it and has paid contributors ${inOpen(paidWei)}`
    : `${models} models cite it and have paid contributors ${inOpen(paidWei)}`;

/** How what was paid is shared among all data that the models cite. */
export const sharingWords = ({ paidWei, poolWei }: DatanetEarnings): string => {
  const byRows = 'in proportion to the rows that each contributor has in the cited versions';
  if (poolWei === 0n) return `It is shared ${byRows}.`;
  const flat = paidWei > poolWei ? ` The other ${inOpen(paidWei - poolWei)} are shared ${byRows}.` : '';
  return `Of it ${inOpen(poolWei)} lie in pots, shared by how much each row has shaped answers.${flat}`;
};
