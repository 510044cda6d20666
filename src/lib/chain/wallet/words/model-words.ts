// Sentences for calls of the model registry.

import { listed } from '#lib/core/count-words.ts';
import { shortNumber } from '../../words/short-words.ts';
import type { WordsOf } from './call-words.ts';
import type { Given } from './given.ts';

const terms = (given: Given): string => {
  const part = given.part('terms');
  return `${part.percent('devBps')} to ${part.who('payout')}, ${part.percent('dataBps')} to contributors of data, ${part.percent('nodeBps')} to the node that answers`;
};
/** A version with its citations and its parent, as packed by formats/payment/lineage.ts. */
const lineage = (given: Given): string => {
  const cited = (given.list('refs') as bigint[]).map(
    (ref) => `Datanet ${shortNumber(ref >> 48n)} v${(ref >> 16n) & 0xffff_ffffn}`,
  );
  const parent = given.whole('parent');
  const before = parent === 0n ? '' : `continuing model ${shortNumber(parent >> 32n)} v${parent & 0xffff_ffffn}, `;
  return `${before}citing ${cited.length === 0 ? 'no Datanet' : listed(cited, 16)}`;
};
const prices = (given: Given): string =>
  `a call costs ${given.open('perCall')}, and ${given.open('per1kTokens')} per thousand tokens`;

export const MODEL_WORDS: WordsOf = {
  register: (given) =>
    `Register a model on base ${given.number('base')} under ${given.licence('licence')}, ${lineage(given.part('first'))}: ${prices(given)}. After the fee its income is split: ${terms(given)}.`,
  publish: (given) => `Publish the next version of model ${given.number('id')}, ${lineage(given.part('next'))}.`,
  deprecate: (given) =>
    `Mark version ${given.number('version')} of model ${given.number('id')} as no longer to be used, for ever.`,
  setPrice: (given) => `From now on, at model ${given.number('id')}, ${prices(given)}.`,
  announceTerms: (given) =>
    `Announce that income of model ${given.number('id')} is split anew, from three days after this on: ${terms(given)}.`,
  addBase: (given) => `Enter a base model of the family ${given.text('family')} under ${given.licence('licence')}.`,
  setBaseLicence: (given) =>
    `Correct the licence of base model ${given.number('base')} to ${given.licence('licence')}.`,
};
