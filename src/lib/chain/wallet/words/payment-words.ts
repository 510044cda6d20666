// Sentences for calls of the Settlement, which splits payments and holds channels.

import { counted } from '#lib/core/count-words.ts';
import { inOpen } from '../../words/amount-words.ts';
import { versionWords } from '../../words/version-words.ts';
import type { WordsOf } from './call-words.ts';
import type { Given } from './given.ts';

const version = (given: Given): string => `model ${given.number('modelId')} v${given.number('version')}`;
const channel = (given: Given, payer: string): string =>
  `Put ${given.open('amount')} of ${payer} into a channel to the node ${given.who('node')}, to be spent by the session key ${given.who('signer')}.`;

export const PAYMENT_WORDS: WordsOf = {
  invoke: (given) =>
    `Pay ${given.open('amount')} for one call of ${version(given)}, answered by the node ${given.who('node')}.`,
  invokeWithAuthorization: (given) => {
    given.value('authorization');
    return `Bring the payment of ${given.open('amount')} that ${given.who('payer')} has signed, for one call of ${version(given)} by the node ${given.who('node')}.`;
  },
  give: (given) =>
    `Pay ${given.open('amount')} for ${version(given)} to all its parties, as for a call answered by the node ${given.who('node')}.`,
  recoverStrays: () => 'Credit OPEN that was sent to the Settlement by mistake to the treasury.',
  open: (given) => channel(given, 'yours'),
  openFor: (given) => [channel(given, given.who('payer')), 'Its payer has signed for it; you pay the fee.'],
  openWithAuthorization: (given) => {
    given.value('authorization');
    return [channel(given, given.who('payer')), 'Its payer has signed for it; you pay the fee.'];
  },
  openWithPermit: (given) => channel(given, 'yours'),
  topUp: (given) =>
    `Add ${given.open('amount')} to your channel to the node ${given.who('node')} with the session key ${given.who('signer')}.`,
  requestClose: (given) =>
    `Announce that your channel to the node ${given.who('node')} with the session key ${given.who('signer')} closes in 24 hours.`,
  cancelClose: (given) =>
    `Keep your channel to the node ${given.who('node')} with the session key ${given.who('signer')} open; its closing is called off.`,
  close: (given) =>
    `Close your channel to the node ${given.who('node')} with the session key ${given.who('signer')} for ever; its rest comes back to you.`,
  redeem: (given) => {
    const vouchers = given.parts('vouchers');
    const lines = vouchers.flatMap((voucher) => voucher.list('lines') as { amount: bigint; calls: number }[]);
    const amount = lines.reduce((sum, line) => sum + line.amount, 0n);
    const calls = lines.reduce((sum, line) => sum + line.calls, 0);
    return `Redeem ${counted(vouchers.length, 'voucher')} for the node ${given.who('node')}: ${inOpen(amount)} for ${counted(calls, 'call')}.`;
  },
  setFee: (given) => `Set the protocol’s fee to ${given.percent('feeBps_')} of each payment.`,
  setRelayer: (given) =>
    given.is('allowed')
      ? `Let ${given.who('relayer')} redeem vouchers for your node.`
      : `Let ${given.who('relayer')} redeem nothing for your node any more.`,
  seal: (given) =>
    `Hand the pot that the node ${given.who('node')} has collected for ${versionWords(given.whole('version'))} to the ledger of attributions, where its shares are proposed.`,
  drawFlat: (given) => {
    given.value('lineage');
    return 'Hand what the sources of a model have collected to the ledger of attributions, which alone may ask for it.';
  },
  withdraw: (given) => `Take out all that is credited to you, to ${given.who('to')}.`,
  withdrawFor: (given) => `Pay ${given.who('account')} all that is credited to that account.`,
};

/** Addresses that split what they are paid. */
export const PAY_TO_WORDS: WordsOf = {
  pay: (given) => {
    const signed = given.part('a');
    return `Bring the payment of ${signed.open('value')} that ${signed.who('from')} has signed, for a call of ${version(given)} by the node ${given.who('node')}.`;
  },
  split: (given) =>
    `Split what was paid to the address for ${version(given)} at the node ${given.who('node')} among its parties.`,
};
