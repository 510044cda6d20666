// Sentences for the product's typed data, by primary type. Each states what the signature permits.

import type { Words } from './call-words.ts';
import type { Given } from './given.ts';

interface Signing {
  title: string;
  words: Words;
}

/** `chain:contract:id`. */
const datanet = (given: Given): string => {
  const [, , id = ''] = String(given.value('datanet')).split(':');
  return id === '' ? 'a Datanet that is on no chain yet' : `Datanet ${id}`;
};

const SIGNINGS: Readonly<Record<string, Signing>> = {
  'OpenToken Permit': {
    title: 'Let someone take OPEN of yours',
    words: (given) =>
      `Let ${given.who('spender')} take up to ${given.open('value')} of ${given.who('owner')}, until ${given.time('deadline')}.`,
  },
  'OpenToken ReceiveWithAuthorization': {
    title: 'Pay by a signature',
    words: (given) =>
      `Let ${given.who('to')} take ${given.open('value')} of ${given.who('from')} once, until ${given.time('validBefore')}.`,
  },
  'Settlement Open': {
    title: 'Open a channel by a signature',
    words: (given) =>
      `Let anyone open a channel of ${given.who('payer')} to the node ${given.who('node')} with ${given.open('amount')} in it, to be spent by the session key ${given.who('signer')}, until ${given.time('deadline')}.`,
  },
  'Settlement Voucher': {
    title: 'Pay for answers',
    words: (given) => {
      const lines = given.parts('lines');
      const paid = lines.map(
        (line) =>
          `${line.open('amount')} for ${line.counted('calls', 'call')} to model ${line.number('modelId')} v${line.number('version')}, with the receipts ${line.hash('receipts')}`,
      );
      return `Let the node ${given.who('node')} redeem, from the channel of ${given.who('payer')}: ${paid.join(', ')}.`;
    },
  },
  'Settlement AnswerReceipt': {
    title: 'Sign the receipt of an answer',
    words: (given) =>
      `The node ${given.who('node')} answered ${given.who('payer')} at ${given.time('time')} for ${given.open('cost')}. The signature says that what the receipt lists is so; it pays nothing.`,
  },
  'QuestBoard Award': {
    title: 'Give points',
    words: (given) =>
      `Give ${given.who('who')} ${given.counted('points', 'point')} for quest ${given.number('quest')}, to be brought until ${given.time('deadline')}.`,
  },
  'DatanetRegistry Contribution': {
    title: 'Offer your rows',
    words: (given) =>
      `Let anyone bring ${given.counted('rows', 'row')} of ${given.who('contributor')} to Datanet ${given.number('datanet')} under ${given.licence('licence')}, until ${given.time('deadline')}. Who brings them pays the fee; the rows stay yours.`,
  },
  'DatanetRegistry DatanetContribution': {
    title: 'Say that rows are yours',
    words: (given) =>
      `${given.who('contributor')} contributes ${given.counted('rows', 'row')} to ${datanet(given)} under the licence ${String(given.value('licence'))}. The signature lies beside the rows and shows whose they are; it pays nothing.`,
  },
  'DatanetRegistry DatanetReview': {
    title: 'Sign your review',
    words: (given) => {
      const rejected = given.whole('rejectedRows');
      const taken =
        rejected === 0n ? 'names no row that was not taken' : `does not take ${given.counted('rejectedRows', 'row')}`;
      return `As a curator of ${datanet(given)}, ${given.who('curator')} reviewed the contribution ${given.hash('contribution')} and ${taken}. The signature lies beside the reasons; it pays nothing.`;
    },
  },
  'DatanetRegistry DatanetVersion': {
    title: 'Sign the next version',
    words: (given) =>
      `${given.who('author')} made version ${given.number('version')} of ${datanet(given)} with ${given.counted('rows', 'row')} under the licence ${String(given.value('licence'))}. The signature lies beside the rows; it pays nothing.`,
  },
  'DatanetRegistry DatanetMember': {
    title: 'Become a member',
    words: (given) =>
      `Rows of ${datanet(given)} may be sealed for the key of ${given.who('member')}, so that this wallet can read them.`,
  },
  'DatanetRegistry DatanetKey': {
    title: 'Open sealed rows',
    words: (given) => {
      given.value('purpose');
      return `Make the key by which ${given.who('member')} reads the sealed rows of ${datanet(given)}. With this signature anyone could read them: give it to no other page.`;
    },
  },
};

export const signingOf = (contract: string, primaryType: string): Signing | undefined =>
  SIGNINGS[`${contract} ${primaryType}`];
