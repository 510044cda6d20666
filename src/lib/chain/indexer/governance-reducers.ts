// Rows of proposals and votes. Whether a proposal is pending, active or defeated depends on time and is read from the chain.

import { stringify, type Address, type Hex } from 'viem';
import { plus, type Reducers, type Rows } from './reducer.ts';
import type { ProposalRow } from './tables.ts';

const TALLY = ['againstWei', 'forWei', 'abstainWei'] as const;

async function update(rows: Rows, id: bigint, change: (before: ProposalRow) => Partial<ProposalRow>): Promise<void> {
  const key = `${id}` as const;
  const before = await rows.get('proposals', key);
  if (before) await rows.put('proposals', key, { ...before, ...change(before) });
}

const marked =
  (mark: ProposalRow['mark']) =>
  (rows: Rows, { args }: { args: Readonly<Record<string, unknown>> }) =>
    update(rows, (args as { proposalId: bigint }).proposalId, () => ({ mark }));

export const governanceReducers: Reducers = {
  ProposalCreated(rows, { args, transactionHash }) {
    const { proposalId, proposer, targets, values, calldatas, voteStart, voteEnd, description } = args as {
      proposalId: bigint;
      proposer: Address;
      targets: Address[];
      values: bigint[];
      calldatas: Hex[];
      voteStart: bigint;
      voteEnd: bigint;
      description: string;
    };
    return rows.put('proposals', `${proposalId}`, {
      proposalId: String(proposalId),
      proposer,
      // Lists as JSON text, with values as decimal text.
      targets: stringify(targets),
      valuesWei: stringify(values.map(String)),
      calldatas: stringify(calldatas),
      description,
      voteStart: Number(voteStart),
      voteEnd: Number(voteEnd),
      againstWei: '0',
      forWei: '0',
      abstainWei: '0',
      mark: 'created',
      transactionHash,
    });
  },
  async VoteCast(rows, { args }) {
    const { voter, proposalId, support, weight, reason } = args as {
      voter: Address;
      proposalId: bigint;
      support: number;
      weight: bigint;
      reason: string;
    };
    const tally = TALLY[support];
    if (tally) await update(rows, proposalId, (before) => ({ [tally]: plus(before[tally], weight) }));
    const row = { proposalId: String(proposalId), voter, support, weightWei: String(weight), reason };
    await rows.put('ballots', `${proposalId}:${voter}`, row);
  },
  ProposalExtended(rows, { args }) {
    const { proposalId, extendedDeadline } = args as { proposalId: bigint; extendedDeadline: bigint };
    return update(rows, proposalId, () => ({ voteEnd: Number(extendedDeadline) }));
  },
  ProposalQueued(rows, { args }) {
    const { proposalId, etaSeconds } = args as { proposalId: bigint; etaSeconds: bigint };
    return update(rows, proposalId, () => ({ mark: 'queued', executableAt: Number(etaSeconds) }));
  },
  ProposalExecuted: marked('executed'),
  ProposalCanceled: marked('cancelled'),
};
