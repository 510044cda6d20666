// Sentences for calls of the governor and the Timelock, including the calls in a proposal.

import { counted } from '#lib/core/count-words.ts';
import { inDuration } from '../../words/duration-words.ts';
import type { WordsOf } from './call-words.ts';
import { cut, type Given } from './given.ts';

const VOTES = ['against', 'for', 'to abstain on'];
const voting = (given: Given): string =>
  `Vote ${VOTES[Number(given.whole('support'))] ?? 'in an unknown way on'} proposal ${given.number('proposalId')}`;
const inside = (given: Given, data: 'calldatas' | 'payloads'): string[] =>
  given.calls(given.list('targets'), given.list('values'), given.list(data));
const single = (given: Given, data: 'payload' | 'data'): string[] =>
  given.calls([given.value('target')], [given.value('value')], [given.value(data)]);
const role = (given: Given): string => {
  given.value('role');
  return 'a role at the Timelock';
};

const OpenGovernor: WordsOf = {
  propose: (given) => {
    const [title = ''] = String(given.value('description')).split('\n');
    const calls = given.list('targets').length;
    return [
      `Propose to the holders of OPEN: “${cut(title.replace(/^#+\s*/, ''))}”. If it passes, ${counted(calls, 'call')} will be made:`,
      ...inside(given, 'calldatas'),
    ];
  },
  queue: (given) => [
    'Put a proposal that has passed into the Timelock. After its delay this is done:',
    ...inside(given, 'calldatas'),
  ],
  execute: (given) => ['Execute a proposal that has waited its time. This is done:', ...inside(given, 'calldatas')],
  cancel: (given) => ['Cancel a proposal. This is not done then:', ...inside(given, 'calldatas')],
  castVote: (given) => `${voting(given)}.`,
  castVoteWithReason: (given) => `${voting(given)}${reasoned(given)}.`,
  castVoteWithReasonAndParams: (given) => `${voting(given)}${reasoned(given)}.`,
  castVoteBySig: (given) => `Bring a vote of ${given.who('voter')}. ${voting(given)}.`,
  castVoteWithReasonAndParamsBySig: (given) =>
    `Bring a vote of ${given.who('voter')}. ${voting(given)}${reasoned(given)}.`,
  relay: (given) => single(given, 'data'),
  setLateQuorumVoteExtension: (given) =>
    `Let a vote go on for ${inDuration(given.whole('newVoteExtension'))} when enough votes come in late.`,
  setGuardian: (given) => `Let ${given.who('guardian_')} veto proposals, a few times.`,
  veto: (given) => ['Veto a proposal, as its guardian. This is not done then:', ...inside(given, 'calldatas')],
  setProposalThreshold: (given) =>
    `Let accounts with votes of ${given.open('newProposalThreshold')} or more make proposals.`,
  setVotingDelay: (given) => `Let a vote begin ${inDuration(given.whole('newVotingDelay'))} after its proposal.`,
  setVotingPeriod: (given) => `Let a vote last ${inDuration(given.whole('newVotingPeriod'))}.`,
  updateQuorumNumerator: (given) =>
    `Let a proposal pass only with votes of ${given.number('newQuorumNumerator')} % of the supply.`,
  updateTimelock: (given) => `Let proposals be executed by ${given.who('newTimelock')}.`,
};

const reasoned = (given: Given): string => {
  const reason = String(given.value('reason'));
  return reason === '' ? '' : `, because “${cut(reason)}”`;
};

const waiting = (given: Given): string => `Let this be done after ${inDuration(given.whole('delay'))}:`;
const TimelockController: WordsOf = {
  schedule: (given) => [waiting(given), ...single(given, 'data')],
  scheduleBatch: (given) => [waiting(given), ...inside(given, 'payloads')],
  execute: (given) => ['Do what has waited its time:', ...single(given, 'payload')],
  executeBatch: (given) => ['Do what has waited its time:', ...inside(given, 'payloads')],
  cancel: (given) => `Cancel what waits in the Timelock as ${given.hash('id')}.`,
  updateDelay: (given) => `Let all that passes wait ${inDuration(given.whole('newDelay'))} before it is done.`,
  grantRole: (given) => `Give ${given.who('account')} ${role(given)}.`,
  revokeRole: (given) => `Take ${role(given)} from ${given.who('account')}.`,
  renounceRole: (given) => `Give up ${role(given)}, as ${given.who('callerConfirmation')}.`,
};

export const GOVERNANCE_WORDS = { OpenGovernor, TimelockController };
