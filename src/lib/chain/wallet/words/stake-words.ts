// Sentences for calls of the node registry.

import type { WordsOf } from './call-words.ts';

export const STAKE_WORDS: WordsOf = {
  register: (given) =>
    `Stake ${given.open('amount')} for your node; the stake stays yours and can leave after seven days of notice.`,
  addStake: (given) => `Add ${given.open('amount')} to the stake of your node.`,
  requestExit: (given) => `Give notice of seven days for ${given.open('amount')} of your stake.`,
  exit: () => 'Take home the stake whose notice is over.',
  setMinStake: (given) => `Set the least stake of a node to ${given.open('least')}.`,
};

/** Rewards of nodes. */
export const REWARD_WORDS: WordsOf = {
  addReward: (given) =>
    `Give ${given.open('amount')} to the nodes that answer paid calls, by their work; it does not come back.`,
  countWork: () => 'Count the work of your node in this round: the fees that calls to it have paid.',
  claimReward: () => 'Take home what the work of your node has earned.',
};
