// Proposals from the indexer's rows, completed with values that only the chain has: the current state, and whether an account has
// voted.

import type { Address, Hex } from 'viem';
import { openGovernorAbi } from '../abi/open-governor.ts';
import type { Proposal } from '../actions/governance/proposal.ts';
import type { ChainContext } from '../context.ts';
import type { ProposalRow } from '../indexer/tables.ts';

/** In the governor's order. */
export const PROPOSAL_STATES = [
  'pending',
  'active',
  'cancelled',
  'defeated',
  'succeeded',
  'queued',
  'expired',
  'executed',
] as const;
export type ProposalStatus = (typeof PROPOSAL_STATES)[number];

export interface ProposalFacts extends Proposal {
  id: bigint;
  proposer: Address;
  state: ProposalStatus;
  /** Seconds since 1970. */
  voteStart: bigint;
  voteEnd: bigint;
  /** When the Timelock lets it be executed; null before it is queued. */
  executableAt: bigint | null;
  forWei: bigint;
  againstWei: bigint;
  abstainWei: bigint;
  /** At the moment when votes are counted, or now while that is in the future. */
  quorumWei: bigint;
  /** The account's votes; null without an account. */
  own: { hasVoted: boolean; votesWei: bigint } | null;
}

/**
 * The arguments of `queue` and `execute`.
 *
 * @example
 * import { executeProposal } from '#lib/chain/actions/governance/execute-proposal.ts';
 * import { proposalOfRow } from '#lib/chain/reads/read-proposals.ts';
 *
 * const row = proposalRows.find((one) => one.proposalId === String(proposalId));
 * if (row) await run(await executeProposal(chain, proposalOfRow(row)));
 */
export const proposalOfRow = (row: ProposalRow): Proposal => ({
  targets: JSON.parse(row.targets) as Address[],
  valuesWei: (JSON.parse(row.valuesWei) as string[]).map(BigInt),
  calldatas: JSON.parse(row.calldatas) as Hex[],
  description: row.description,
});

/**
 * The newest first.
 *
 * @example
 * import { readProposals } from '#lib/chain/reads/read-proposals.ts';
 *
 * const proposals = await readProposals(chain, proposalRows, account);
 * const open = proposals.filter(({ state, own }) => state === 'active' && !own?.hasVoted);
 */
export async function readProposals(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  rows: readonly ProposalRow[],
  account: Address | undefined,
): Promise<ProposalFacts[]> {
  const governor = { address: addresses.OpenGovernor, abi: openGovernorAbi } as const;
  const now = BigInt(await read.readContract({ ...governor, functionName: 'clock' }));
  const proposals = await Promise.all(
    rows.map(async (row): Promise<ProposalFacts> => {
      const id = BigInt(row.proposalId);
      const voteStart = BigInt(row.voteStart);
      const counted = voteStart < now ? voteStart : now - 1n;
      const readOwn = async (own: Address) => {
        const [hasVoted, votesWei] = await Promise.all([
          read.readContract({ ...governor, functionName: 'hasVoted', args: [id, own] }),
          read.readContract({ ...governor, functionName: 'getVotes', args: [own, counted] }),
        ]);
        return { hasVoted, votesWei };
      };
      const [state, quorumWei, own] = await Promise.all([
        read.readContract({ ...governor, functionName: 'state', args: [id] }),
        read.readContract({ ...governor, functionName: 'quorum', args: [counted] }),
        account ? readOwn(account) : null,
      ]);
      const { executableAt } = row;
      return {
        ...proposalOfRow(row),
        id,
        proposer: row.proposer,
        state: PROPOSAL_STATES[state]!,
        voteStart,
        voteEnd: BigInt(row.voteEnd),
        executableAt: executableAt === undefined ? null : BigInt(executableAt),
        forWei: BigInt(row.forWei),
        againstWei: BigInt(row.againstWei),
        abstainWei: BigInt(row.abstainWei),
        quorumWei,
        own,
      };
    }),
  );
  return proposals.sort((a, b) => (a.voteStart < b.voteStart ? 1 : a.voteStart > b.voteStart ? -1 : 0));
}
