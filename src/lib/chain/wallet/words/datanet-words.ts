// Sentences for calls of the Datanet registry.

import { counted, listed } from '#lib/core/count-words.ts';
import type { Hex } from 'viem';
import { shortHex } from '../../words/short-words.ts';
import type { WordsOf } from './call-words.ts';
import { textOf, type Given } from './given.ts';

const tags = (given: Given): string => {
  const words = (given.list('tags') as Hex[]).map((tag) => textOf(tag) ?? shortHex(tag));
  return words.length === 0 ? 'no tags' : `the ${words.length === 1 ? 'tag' : 'tags'} ${listed(words, 16)}`;
};
const access = (given: Given): string => {
  const stake = given.whole('minStakeOpen');
  const who = given.is('open') ? 'anyone' : 'only its curators';
  return `${who}${stake === 0n ? '' : ` with ${stake.toLocaleString('en')} OPEN staked`} may contribute`;
};
const reasonOf = (word: Hex): string => {
  if (BigInt(word) === 0n) return '';
  const text = textOf(word);
  return text === null ? ` (reasons in the review ${shortHex(word)})` : ` (“${text}”)`;
};
const contributions = (numbers: readonly string[]): string =>
  `contribution${numbers.length === 1 ? '' : 's'} ${listed(numbers, 20)}`;

export const DATANET_WORDS: WordsOf = {
  create: (given) =>
    `Create a Datanet under ${given.licence('licence')}, with ${tags(given)}: ${access(given)}, and its curators get ${given.percent('curatorBps')} of its income. The licence never changes.`,
  setMeta: (given) => `Give Datanet ${given.number('id')} a new description and ${tags(given)}.`,
  setAccess: (given) => `From now on ${access(given)} to Datanet ${given.number('id')}.`,
  setCurator: (given) =>
    given.is('allowed')
      ? `Make ${given.who('curator')} a curator of Datanet ${given.number('id')}.`
      : `Let ${given.who('curator')} be no curator of Datanet ${given.number('id')} any more.`,
  contribute: (given) =>
    `Contribute ${given.counted('rows', 'row')} to Datanet ${given.number('id')} under its licence; its curators judge them.`,
  contributeBySig: (given) => {
    const signed = given.part('signed');
    return `Bring ${signed.counted('rows', 'row')} that ${signed.who('contributor')} has signed to Datanet ${signed.number('datanet')}, under ${signed.licence('licence')}. You pay the fee; the rows stay theirs.`;
  },
  contributeBatch: (given) =>
    `Bring ${given.counted('count', 'signed contribution')} to Datanet ${given.number('id')} as one batch.`,
  withdraw: (given) =>
    `Take back contribution ${given.number('number')} to Datanet ${given.number('id')}: later versions are made without it.`,
  withdrawFromBatch: (given) =>
    `Take back your part of a batch of Datanet ${given.number('id')}: later versions are made without it.`,
  judge: (given) => {
    const numbers = given.list('contributions').map(String);
    const bits = given.whole('acceptBits');
    const reasons = given.list('reasons') as Hex[];
    const named = numbers.map((number, at) => `${number}${reasonOf(reasons[at]!)}`);
    const isAccepted = (at: number): boolean => ((bits >> BigInt(at)) & 1n) === 1n;
    const [yes, no] = [named.filter((_, at) => isAccepted(at)), named.filter((_, at) => !isAccepted(at))];
    const parts = [
      ...(yes.length > 0 ? [`accept ${contributions(yes)}`] : []),
      ...(no.length > 0 ? [`reject ${contributions(no)}`] : []),
    ].join(' and ');
    return `As a curator of Datanet ${given.number('id')}: ${parts}, for good.`;
  },
  judgeBatch: (given) =>
    `Accept ${given.counted('accepted', 'contribution')} of a batch that ${given.who('sender')} brought to Datanet ${given.number('id')} and reject its others, for good.`,
  appeal: (given) =>
    `Appeal the rejection of contribution ${given.number('number')} to Datanet ${given.number('id')}: ${given.text('reason')}.`,
  decideAppeal: (given) =>
    `${given.is('accept') ? 'Accept' : 'Refuse'} the appeal for contribution ${given.number('number')} to Datanet ${given.number('id')}: ${given.text('reason')}.`,
  publish: (given) =>
    `Publish version ${(given.whole('parent') + 1n).toString()} of Datanet ${given.number('id')} with ${counted(given.whole('rows'), 'row')}.`,
  revokeOffer: (given) => {
    given.value('nonce');
    return 'Revoke a contribution that you have signed and that was not brought to the chain yet.';
  },
  addLicence: (given) => {
    const [commercial, derivative, alike] = [given.is('commercial'), given.is('derivative'), given.is('shareAlike')];
    return `Add the licence ${String(given.value('spdx'))} to the registry: commercial use ${commercial ? 'allowed' : 'not allowed'}, derived works ${derivative ? 'allowed' : 'not allowed'}${alike ? ', under the same licence only' : ''}.`;
  },
};
