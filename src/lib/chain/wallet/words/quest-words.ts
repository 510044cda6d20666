// Sentences for calls of the quest board and of season rewards.

import { counted } from '#lib/core/count-words.ts';
import type { WordsOf } from './call-words.ts';

const QuestBoard: WordsOf = {
  addQuest: (given) => {
    const terms = given.part('terms');
    const check = BigInt(terms.value('check') as string) === 0n ? 'an issuer judges' : `${terms.who('check')} checks`;
    return `Add a quest that ${check}: ${terms.counted('points', 'point')} an award, ${terms.number('cap')} in all, from ${terms.time('from')} to ${terms.time('to')}.`;
  },
  award: (given) => {
    const one = given.part('one');
    return `Bring ${one.counted('points', 'point')} for quest ${one.number('quest')} to ${one.who('who')}, as an issuer has signed.`;
  },
  awardMany: (given) => {
    const many = given.list('many') as { points: number }[];
    const points = many.reduce((sum, one) => sum + one.points, 0);
    return `Give ${counted(points, 'point')} in ${counted(many.length, 'award')}.`;
  },
  complete: (given) => `Take the points of quest ${given.number('quest')}, if the chain finds it done.`,
  startSeason: () => 'Begin the next season: points count from nothing again.',
};

const SeasonRewards: WordsOf = {
  claim: (given) =>
    `Pay ${given.who('account')} ${given.open('amount')}, its part of the rewards of season ${given.number('season')}.`,
  publish: (given) => `Set the rewards of season ${given.number('season')}: ${given.open('total')} in all.`,
};

export const QUEST_WORDS = { QuestBoard, SeasonRewards };
