// Sentences for the calls of the product's contracts, by contract and function. Each starts with the effect of signing.

import type { Given } from './given.ts';
import { ATTRIBUTION_WORDS } from './attribution-words.ts';
import { DATANET_WORDS } from './datanet-words.ts';
import { GOVERNANCE_WORDS } from './governance-words.ts';
import { INFLUENCE_WORDS } from './influence-words.ts';
import { MODEL_WORDS } from './model-words.ts';
import { PAYMENT_WORDS, PAY_TO_WORDS } from './payment-words.ts';
import { QUEST_WORDS } from './quest-words.ts';
import { REWARD_WORDS, STAKE_WORDS } from './stake-words.ts';
import { TOKEN_WORDS } from './token-words.ts';

/** One sentence or more, each with its full stop. */
export type Words = (given: Given) => string | string[];
export type WordsOf = Readonly<Record<string, Words>>;

const managed: WordsOf = {
  setAuthority: (given) => `Hand the say over who may do what here to ${given.who('newAuthority')}.`,
};
const pausing: WordsOf = {
  ...managed,
  pause: () => 'Halt what may begin anew here for seven days; what is under way can still end.',
  unpause: () => 'Let it go on after a halt.',
};
const owned: WordsOf = {
  approve: (given) => `Let ${given.who('to')} give number ${given.number('tokenId')} of yours away.`,
  safeTransferFrom: (given) =>
    `Give number ${given.number('tokenId')} from ${given.who('from')} to ${given.who('to')}, for good.`,
  transferFrom: (given) =>
    `Give number ${given.number('tokenId')} from ${given.who('from')} to ${given.who('to')}, for good.`,
  setApprovalForAll: (given) =>
    given.is('approved')
      ? `Let ${given.who('operator')} give away all that you have here, now and later.`
      : `Let ${given.who('operator')} give away nothing of yours any more.`,
};

const CALLS: Readonly<Record<string, WordsOf>> = {
  OpenToken: TOKEN_WORDS,
  StakedOpen: {
    ...TOKEN_WORDS,
    mint: (given) => `Give ${given.who('staker')} votes for ${given.open('amount')} of stake.`,
    burn: (given) => `Take from ${given.who('staker')} votes for ${given.open('amount')} of stake.`,
  },
  Settlement: { ...pausing, ...PAYMENT_WORDS },
  PayTo: PAY_TO_WORDS,
  NodeRegistry: { ...pausing, ...STAKE_WORDS },
  WorkRewards: REWARD_WORDS,
  OpenGovernor: GOVERNANCE_WORDS.OpenGovernor,
  TimelockController: GOVERNANCE_WORDS.TimelockController,
  DatanetRegistry: { ...pausing, ...owned, ...DATANET_WORDS },
  ModelRegistry: { ...pausing, ...owned, ...MODEL_WORDS },
  InfluenceBook: { ...managed, ...INFLUENCE_WORDS },
  AttributionLedger: { ...managed, ...ATTRIBUTION_WORDS.AttributionLedger },
  AttributionCourt: { ...managed, ...ATTRIBUTION_WORDS.AttributionCourt },
  QuestBoard: { ...pausing, ...QUEST_WORDS.QuestBoard },
  SeasonRewards: { ...pausing, ...QUEST_WORDS.SeasonRewards },
  DeviceAccount: {
    execute: (given) => {
      given.value('mode');
      given.value('executionData');
      return 'Make several calls of your account at once.';
    },
  },
};
const VESTING: WordsOf = {
  release: (given) => `Pay out what has vested so far, in ${given.who('token')}, to whom it belongs.`,
};

export const wordsOf = (contract: string, name: string): Words | undefined =>
  (contract.startsWith('Vesting of ') ? VESTING : CALLS[contract])?.[name];
