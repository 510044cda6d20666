// Sentences for calls of the attribution ledger and its Court.

import { counted } from '#lib/core/count-words.ts';
import { ACCUSATIONS } from '../../words/accusations.ts';
import type { WordsOf } from './call-words.ts';
import type { Given } from './given.ts';

const proposal = (given: Given): string => {
  const p = given.part('p');
  return `epochs ${p.number('from')} to ${p.number('to')} pay ${p.open('paid')} to contributors for ${p.counted('entries', 'row')} in ${p.counted('calls', 'call')}`;
};

const AttributionLedger: WordsOf = {
  propose: (given) => `Propose that ${proposal(given)}. Your bond is lost if it is proven false.`,
  finalize: (given) => `Make it final that ${proposal(given)}; its bond goes back to its attester.`,
  claim: (given) => `Take home what your rows have earned and was not paid yet, of ${given.open('cumulative')} in all.`,
  claimFor: (given) => {
    const claim = given.part('c');
    return `Pay ${claim.who('account')} what its rows have earned and was not paid yet, of ${claim.open('cumulative')} in all.`;
  },
  claimMany: (given) => `Pay ${counted(given.list('many').length, 'contributor')} what their rows have earned.`,
  veto: (given) => `Stop the proposal ${given.hash('hash')} before it becomes final.`,
  reject: (given) => `Reject the proposal ${given.hash('hash')}; half of its bond goes to ${given.who('challenger')}.`,
};

/** Only the proposal is described; the rest of the call is the proof, which the Court checks. */
const AttributionCourt: WordsOf = Object.fromEntries(
  Object.entries(ACCUSATIONS).map(([name, accusation]) => [
    name,
    (given: Given) => {
      const told = proposal(given);
      given.tellAll();
      return `Prove to the Court that the proposal that ${told} is false: ${accusation}. Half of its bond comes to you.`;
    },
  ]),
);

export const ATTRIBUTION_WORDS = { AttributionLedger, AttributionCourt };
