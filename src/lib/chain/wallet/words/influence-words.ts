// Sentences for calls of the InfluenceBook.

import { inEther } from '../../words/amount-words.ts';
import { versionWords } from '../../words/version-words.ts';
import type { WordsOf } from './call-words.ts';
import type { Given } from './given.ts';

const version = (given: Given): string => versionWords(given.whole('version'));

export const INFLUENCE_WORDS: WordsOf = {
  commitInfluence: (given) =>
    `Commit, for good, how the ${given.counted('rows', 'row')} of ${version(given)} weigh on answers; from five days on they decide ${given.percent('rhoBps')} of the contributors’ part. The money sent is a deposit, lost when a row that is demanded is not shown.`,
  demandRow: (given) =>
    `Demand that row ${given.number('index')} of the influence of ${version(given)} is shown within 72 hours. The fee that you send goes to the account that shows it.`,
  answerDemand: (given) => {
    given.value('shown');
    return `Show row ${given.number('index')} of the influence of ${version(given)}, which was demanded; the fee is yours.`;
  },
  endDemand: (given) =>
    `End the demand for row ${given.number('index')} of the influence of ${version(given)}, which was not shown in time: the commitment is void.`,
  twice: (given) => {
    const of = version(given);
    given.tellAll();
    return `Show that a row stands twice in the influence that ${of} has committed; the commitment is void then, and its deposit is yours.`;
  },
  setPostFee: (given) => `Set the fixed part of the fee for showing a row to ${inEther(given.whole('postFee_'))}.`,
  withdrawNative: () => 'Take out the fees and deposits that the book of influence has credited to you.',
};
