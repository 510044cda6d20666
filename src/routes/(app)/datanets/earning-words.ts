// What models that cite a Datanet have paid, in words.

import { inOpen } from '#lib/chain/words/amount-words.ts';
import type { DatanetEarnings } from '#lib/datanets/published/datanet-earnings.ts';

export const earningWords = ({ models, paidWei }: DatanetEarnings): string =>
  models === 1
    ? `1 model cites it and has paid contributors ${inOpen(paidWei)}`
    : `${models} models cite it and have paid contributors ${inOpen(paidWei)}`;
