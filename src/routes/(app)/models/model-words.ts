// A registered model in words: its price, and what its versions were paid.

import { inOpen } from '#lib/chain/words/amount-words.ts';
import { counted } from '#lib/core/count-words.ts';
import type { ModelIncome, PublishedModel } from '#lib/registry/published/published-models.ts';

export function priceWords({
  perCallWei,
  per1kTokensWei,
}: Pick<PublishedModel, 'perCallWei' | 'per1kTokensWei'>): string {
  const parts = [
    ...(perCallWei > 0n ? [`${inOpen(perCallWei)} a call`] : []),
    ...(per1kTokensWei > 0n ? [`${inOpen(per1kTokensWei)} per 1,000 tokens`] : []),
  ];
  return parts.length === 0 ? 'no price' : parts.join(' and ');
}

export const incomeWords = ({ calls, grossWei }: ModelIncome): string =>
  calls === 0n ? 'no paid call yet' : `${counted(calls, 'call')} paid ${inOpen(grossWei)}`;
