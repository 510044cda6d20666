// Sentences for calls of the node registry.

import type { WordsOf } from './call-words.ts';

export const STAKE_WORDS: WordsOf = {
  register: (given) => {
    const isAttester = (given.whole('caps') & 1n) === 1n;
    return `Stake ${given.open('amount')} for your node${isAttester ? ', which also attests' : ''}; the stake stays yours and can leave after seven days of notice.`;
  },
  addStake: (given) => `Add ${given.open('amount')} to the stake of your node.`,
  addReward: (given) => `Give ${given.open('amount')} to all who stake; it does not come back.`,
  claimReward: () => 'Take home what your stake has earned.',
  requestExit: (given) => `Give notice of seven days for ${given.open('amount')} of your stake.`,
  exit: () => 'Take home the stake whose notice is over.',
  setMinStakes: (given) =>
    `Set the least stake of a node to ${given.open('node')}, that of an attester to ${given.open('attester')}.`,
  postHeartbeat: (given) => `Say which nodes were there in epoch ${given.number('epoch')}.`,
};
