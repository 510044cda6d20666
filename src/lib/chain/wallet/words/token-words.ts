// Sentences for calls of OPEN and of sOPEN.

import type { WordsOf } from './call-words.ts';

export const TOKEN_WORDS: WordsOf = {
  transfer: (given) => `Pay ${given.open('value')} to ${given.who('to')}.`,
  transferFrom: (given) => `Pay ${given.open('value')} of ${given.who('from')} to ${given.who('to')}.`,
  approve: (given) => {
    const spender = given.who('spender');
    return given.whole('value') === 0n
      ? `Let ${spender} take none of your OPEN any more.`
      : `Let ${spender} take up to ${given.open('value')} of yours.`;
  },
  permit: (given) =>
    `Let ${given.who('spender')} take up to ${given.open('value')} of ${given.who('owner')}, by a signature that counts until ${given.time('deadline')}.`,
  burn: (given) => `Destroy ${given.open('value')} of yours, for good.`,
  burnFrom: (given) => `Destroy ${given.open('value')} of ${given.who('account')}, for good.`,
  delegate: (given) => `Let ${given.who('delegatee')} vote with what you have; the tokens stay yours.`,
  delegateBySig: (given) =>
    `Bring a signature by which ${given.who('delegatee')} votes for its signer; it counts until ${given.time('expiry')}.`,
  transferWithAuthorization: (given) =>
    `Pay ${given.open('value')} of ${given.who('from')} to ${given.who('to')}, as its owner has signed.`,
  receiveWithAuthorization: (given) =>
    `Take ${given.open('value')} of ${given.who('from')} for ${given.who('to')}, as its owner has signed.`,
  cancelAuthorization: (given) => `Make a payment that ${given.who('authorizer')} has signed count no more.`,
};
