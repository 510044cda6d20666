// `payable vote`: proposals from the chain's logs, and every step from delegation to execution.

import { isAddress, isHex } from 'viem';
import { openGovernorAbi } from '#lib/chain/abi/open-governor.ts';
import { sandboxVotes } from '#lib/chain/actions/sandbox/sandbox-votes.ts';
import { delegate } from '#lib/chain/actions/token/delegate.ts';
import { executeProposal } from '#lib/chain/actions/governance/execute-proposal.ts';
import type { Proposal } from '#lib/chain/actions/governance/proposal.ts';
import { propose } from '#lib/chain/actions/governance/propose.ts';
import { queueProposal } from '#lib/chain/actions/governance/queue-proposal.ts';
import { SUPPORT, vote as castVote } from '#lib/chain/actions/governance/vote.ts';
import { inOpen } from '#lib/chain/words/amount-words.ts';
import { createMemoryRowStore } from '#lib/chain/indexer/rows.ts';
import { sourcesOf } from '#lib/chain/indexer/sources.ts';
import { syncRows } from '#lib/chain/indexer/sync.ts';
import { listRows, type ProposalRow } from '#lib/chain/indexer/tables.ts';
import { PROPOSAL_STATES, proposalOfRow } from '#lib/chain/reads/read-proposals.ts';
import { addressOrOwn, chainCommand, runAction, word, type VerbContext } from '../chain/chain-command.ts';
import { UsageError } from '../errors.ts';
import * as option from '../option-values.ts';

async function proposalRows({ context, fromBlock, signal }: VerbContext): Promise<ProposalRow[]> {
  const store = createMemoryRowStore();
  const governor = sourcesOf(context).filter(({ address }) => address === context.addresses.OpenGovernor);
  for await (const event of syncRows(context.read, governor, store, { fromBlock, signal })) void event;
  return listRows(store, 'proposals');
}

async function list(verb: VerbContext) {
  const { read, addresses } = verb.context;
  const governor = { address: addresses.OpenGovernor, abi: openGovernorAbi, functionName: 'state' } as const;
  const proposals = await Promise.all(
    (await proposalRows(verb)).map(async (row) => {
      const args = [BigInt(row.proposalId)] as const;
      return { ...row, state: PROPOSAL_STATES[await read.readContract({ ...governor, args })]! };
    }),
  );
  const lines = proposals.map((one) => {
    const [forWei, againstWei] = [BigInt(one.forWei), BigInt(one.againstWei)];
    const title = one.description.split('\n')[0]!.slice(0, 60);
    return `${one.proposalId} ${one.state}: ${title} (for ${inOpen(forWei)}, against ${inOpen(againstWei)})`;
  });
  return { line: lines.join('\n') || 'There are no proposals.', object: { proposals } };
}

function idOf(verb: VerbContext): bigint {
  const text = word(verb, 0, 'The number of the proposal');
  if (!/^\d{1,78}$/.test(text))
    throw new UsageError(`"${text.slice(0, 80)}" is not a proposal.`, 'See payable vote list.');
  return BigInt(text);
}

async function proposalOf(verb: VerbContext): Promise<Proposal> {
  const id = String(idOf(verb));
  const row = (await proposalRows(verb)).find(({ proposalId }) => proposalId === id);
  if (!row) throw new UsageError(`There is no proposal ${id}.`, 'See payable vote list.');
  return proposalOfRow(row);
}

function newProposal({ values }: VerbContext): Proposal {
  const calls = option.list(values, 'call').map((text) => {
    const [target = '', data = '', value = '0', ...more] = text.split(',');
    if (!isAddress(target) || !isHex(data) || data.length % 2 !== 0 || !/^\d{1,30}$/.test(value) || more.length > 0) {
      throw new UsageError(`Option --call is "${text.slice(0, 60)}".`, 'It takes ADDRESS,DATA or ADDRESS,DATA,WEI.');
    }
    return { target, data, value: BigInt(value) };
  });
  if (calls.length === 0) throw new UsageError('Option --call is missing.', 'A proposal calls something.');
  return {
    targets: calls.map(({ target }) => target),
    valuesWei: calls.map(({ value }) => value),
    calldatas: calls.map(({ data }) => data),
    description: option.required(values, 'description', 'what it is for'),
  };
}

function supportOf(verb: VerbContext) {
  const text = word(verb, 1, 'The vote');
  const found = SUPPORT.find((one) => one === text);
  if (!found) throw new UsageError(`A vote is not "${text.slice(0, 40)}".`, `It is ${SUPPORT.join(', ')}.`);
  return found;
}

async function tryVotes(verb: VerbContext) {
  const to = addressOrOwn(verb, 'Whose account?');
  await sandboxVotes(verb.context, to);
  return { line: `What vests for the sandbox's investors and team votes with ${to} now.`, object: { to } };
}

export const vote = chainCommand(
  'vote',
  'governance: delegate, propose, cast, queue, execute',
  {
    list: { usage: '', summary: 'all proposals and where they stand', run: list },
    faucet: { usage: 'ADDRESS', summary: 'votes to try things with, for you or an address (sandbox)', run: tryVotes },
    delegate: {
      usage: 'ADDRESS',
      summary: 'who votes with your OPEN, or with --staked your stake',
      async run(verb) {
        const what = option.flag(verb.values, 'staked') ? 'StakedOpen' : 'OpenToken';
        return runAction(verb, await delegate(verb.context, { to: word(verb, 0, 'The delegate'), what }));
      },
    },
    propose: {
      usage: '',
      summary: 'puts calls to the vote',
      run: async (verb) => runAction(verb, await propose(verb.context, newProposal(verb))),
    },
    cast: {
      usage: 'PROPOSAL against|for|abstain',
      summary: 'votes',
      async run(verb) {
        const reason = option.text(verb.values, 'reason') ?? '';
        const input = { proposalId: idOf(verb), support: supportOf(verb), reason };
        return runAction(verb, await castVote(verb.context, input));
      },
    },
    queue: {
      usage: 'PROPOSAL',
      summary: 'puts what has passed into the Timelock',
      run: async (verb) => runAction(verb, await queueProposal(verb.context, await proposalOf(verb))),
    },
    execute: {
      usage: 'PROPOSAL',
      summary: 'executes what has waited',
      run: async (verb) => runAction(verb, await executeProposal(verb.context, await proposalOf(verb))),
    },
  },
  {
    call: { type: 'string', multiple: true },
    description: { type: 'string' },
    reason: { type: 'string' },
    staked: { type: 'boolean' },
  },
  '  --call ADDRESS,DATA[,WEI]  what a proposal calls; may be repeated\n  --description TEXT     what a proposal is for, as Markdown\n  --reason TEXT          why you vote so\n  --staked               delegate the votes of your stake\n',
);
