// Sentences for calls of the attribution ledger and its court.

import { size, type Address, type Hex } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { inEther } from '../../words/amount-words.ts';
import { shortNumber } from '../../words/short-words.ts';
import { versionWords } from '../../words/version-words.ts';
import type { WordsOf } from './call-words.ts';
import type { Given } from './given.ts';
import { openWords } from './labels.ts';

const low96 = (word: bigint): bigint => BigInt.asUintN(96, word);
const sum = (words: readonly bigint[]): bigint => words.reduce((all, word) => all + word, 0n);
const listOf = (given: Given, name: string): readonly bigint[] => given.list(name) as readonly bigint[];

/** The low 96 bits of a record's terms are its pool. */
const poolOf = (given: Given): bigint =>
  sum((given.list('records') as readonly { terms: bigint }[]).map(({ terms }) => low96(terms)));

/** A move names its game; the rest of it is the state that the court compares. */
function gameOf(given: Given): string {
  const { game, meta } = given.value('move') as { game: bigint; meta: { id: bigint } };
  return `game ${shortNumber(game)} about pot ${shortNumber(meta.id)}`;
}

const answer = (given: Given): string => {
  const words = `Answer with ${counted(Math.floor(size(given.value('numbers') as Hex) / 12), 'number')} in ${gameOf(given)}.`;
  given.tellAll();
  return words;
};

const AttributionLedger: WordsOf = {
  announceCourt: (given) => `Let ${given.who('court_')} judge the pots that are sealed 30 days from now or later.`,
  wire: (given) => `Name ${given.who('settlement_')} and ${given.who('court_')} to the ledger, once and for all.`,
  take: (given) => {
    given.value('pot');
    return `Take a sealed pot of ${given.who('node')} for ${versionWords(given.whole('version'))}.`;
  },
  draft: (given) => {
    const words = `Check a list of ${counted(given.list('words').length, 'account')} for pot ${given.number('id')}.`;
    given.tellAll();
    return words;
  },
  finalize: (given) => {
    given.value('checked');
    return `Make the list of pot ${given.number('id')} final; ${given.who('proposer')} and ${given.who('finaliser')} are paid for it.`;
  },
  flatten: (given) =>
    `Pay pot ${given.number('id')} of ${openWords(poolOf(given))} to all holders of the cited Datanets by their rows; ${given.who('caller')} is paid for it.`,
  claimMany: (given) => {
    const claims = given.list('claims') as readonly { amount: bigint }[];
    return `Pay ${given.who('account')} ${openWords(sum(claims.map(({ amount }) => amount)))} for rows that shaped answers, of ${counted(claims.length, 'pot')}.`;
  },
  claimFlat: (given) => {
    const holder = given.value('holder') as { account: Address; rows: number };
    return `Pay ${given.address(holder.account)} its part, by ${counted(holder.rows, 'row')}, of what version ${given.number('version')} of Datanet ${given.number('datanet')} has earned.`;
  },
  giveFlat: (given) =>
    `Give ${given.open('amount')} of yours to the Datanets that ${versionWords(given.whole('version'))} cites.`,
  spread: (given) => {
    const words = `Spread what a lineage has collected over ${counted(given.list('refs').length, 'Datanet version')}.`;
    given.tellAll();
    return words;
  },
  withdraw: (given) => `Pay ${given.who('account')} what the ledger of attributions has credited to it.`,
};

const AttributionCourt: WordsOf = {
  propose: (given) => {
    const list = listOf(given, 'list');
    const pool = poolOf(given);
    given.value('dataHash');
    return `Propose that pot ${given.number('id')} pays ${openWords(sum(list.map(low96)))} of ${openWords(pool)} to ${counted(list.length, 'account')}. Your bond of ${openWords(pool + pool / 4n)} and the money sent are lost if anyone refutes the list.`;
  },
  challenge: (given) => {
    const { id } = given.value('meta') as { id: bigint };
    const { isListed, amount } = given.value('place') as { isListed: boolean; amount: bigint };
    const paid = isListed ? openWords(amount) : 'nothing';
    return `Ask why pot ${shortNumber(id)} pays ${paid} to ${given.who('account')}. Your stake and the money sent are lost if the proposer answers to the end.`;
  },
  answerRedemptions: answer,
  answerLines: answer,
  answerCalls: answer,
  answerRange: answer,
  openCall: (given) => {
    const entries = counted(given.list('entries').length, 'entry', 'entries');
    const words = `Open the call that is asked about, with ${entries}, in ${gameOf(given)}.`;
    given.tellAll();
    return words;
  },
  showEntry: (given) => {
    const words = `Show the row of the entry that is asked about, which ends ${gameOf(given)}.`;
    given.tellAll();
    return words;
  },
  showRow: (given) => {
    const words = `Show the row that is asked for in ${gameOf(given)}.`;
    given.tellAll();
    return words;
  },
  pick: (given) => {
    given.value('numbers');
    return `Ask about one of the numbers (place ${given.number('index')}, counted from 0) in ${gameOf(given)}.`;
  },
  pickEntry: (given) => {
    given.value('entries');
    return `Ask for the row of one of the entries (place ${given.number('index')}, counted from 0) in ${gameOf(given)}.`;
  },
  pickRow: (given) => `Ask for row ${given.number('index')} in ${gameOf(given)}.`,
  omitted: (given) => {
    const words = `Show row ${given.number('index')}, which the entries omit, so that the proposer of ${gameOf(given)} is convicted.`;
    given.tellAll();
    return words;
  },
  timeout: (given) => `End ${gameOf(given)}, in which one side has used up its time.`,
  collect: (given) => `Pay the challenger of ${gameOf(given)} its stake, its fee and its part of the bond.`,
  finalize: (given) => {
    const { id, draft } = given.value('meta') as { id: bigint; draft: { total: bigint } };
    return `Make the list of pot ${shortNumber(id)} final, which pays ${openWords(draft.total)}; the proposer gets its bond back.`;
  },
  flatten: (given) =>
    `Pay pot ${given.number('id')} of ${openWords(poolOf(given))} to all holders of the cited Datanets by their rows.`,
  release: (given) => {
    const { id } = given.value('meta') as { id: bigint };
    return `Give the bond for pot ${shortNumber(id)}, which became flat, back to its proposer.`;
  },
  hold: () => 'Stop all windows and clocks of the court for 72 hours.',
  setPostFee: (given) => `Set the fixed part of the fee for an answer to ${inEther(given.whole('postFee_'))}.`,
  withdrawNative: () => 'Take out the fees and deposits that the court has credited to you.',
};

export const ATTRIBUTION_WORDS = { AttributionLedger, AttributionCourt };
