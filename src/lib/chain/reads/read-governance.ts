// The rules of governance from its contracts, and an account's votes.

import type { Address } from 'viem';
import { genesisAbi } from '../abi/genesis.ts';
import { openGovernorAbi } from '../abi/open-governor.ts';
import { openTokenAbi } from '../abi/open-token.ts';
import { timelockControllerAbi } from '../abi/timelock-controller.ts';
import type { ChainContext } from '../context.ts';

/** One of the two voting tokens. */
export interface Votes {
  /** The account's balance. */
  heldWei: bigint;
  /** Its votes, including those delegated to it. */
  votesWei: bigint;
  /** The account that votes with these tokens; null without one. */
  delegate: Address | null;
}

export interface GovernanceFacts {
  nowSeconds: bigint;
  votingDelaySeconds: bigint;
  votingPeriodSeconds: bigint;
  lateExtensionSeconds: bigint;
  timelockDelaySeconds: bigint;
  thresholdWei: bigint;
  quorumWei: bigint;
  /** Quorum as a fraction of the supply. */
  quorumPart: { numerator: bigint; denominator: bigint };
  /** All OPEN but that of the treasury and of the liquidity, which do not vote. */
  votableWei: bigint;
  /** May veto proposals; null without one. */
  guardian: Address | null;
  /** Vetoes that were used, and when the power to veto ends. */
  vetoes: number;
  vetoEndSeconds: bigint;
  own: { open: Votes; staked: Votes } | null;
}

const ZERO = /^0x0+$/;
const orNull = (address: Address): Address | null => (ZERO.test(address) ? null : address);

/**
 * @example
 * import { readGovernance } from '#lib/chain/reads/read-governance.ts';
 *
 * const { thresholdWei, own } = await readGovernance(chain, account);
 * const mayPropose = own !== null && own.open.votesWei + own.staked.votesWei >= thresholdWei;
 */
export async function readGovernance(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  account: Address | undefined,
): Promise<GovernanceFacts> {
  const governor = { address: addresses.OpenGovernor, abi: openGovernorAbi } as const;
  const timelock = { address: addresses.TimelockController, abi: timelockControllerAbi } as const;
  const votesIn = async (address: Address, own: Address): Promise<Votes> => {
    const token = { address, abi: openTokenAbi, args: [own] } as const;
    const [heldWei, votesWei, delegate] = await Promise.all([
      read.readContract({ ...token, functionName: 'balanceOf' }),
      read.readContract({ ...token, functionName: 'getVotes' }),
      read.readContract({ ...token, functionName: 'delegates' }),
    ]);
    return { heldWei, votesWei, delegate: orNull(delegate) };
  };
  const readOwn = async (own: Address) => {
    const [open, staked] = await Promise.all([votesIn(addresses.OpenToken, own), votesIn(addresses.StakedOpen, own)]);
    return { open, staked };
  };
  const clock = await read.readContract({ ...governor, functionName: 'clock' });
  const genesis = { address: addresses.Genesis, abi: genesisAbi } as const;
  const [votableWei, vetoes, vetoEndSeconds] = await Promise.all([
    read.readContract({ ...genesis, functionName: 'votable', args: [addresses.OpenToken] }),
    read.readContract({ ...governor, functionName: 'vetoes' }),
    read.readContract({ ...governor, functionName: 'vetoEnd' }),
  ]);
  const [delay, period, late, timelockDelaySeconds, thresholdWei, quorumWei, numerator, denominator, guardian, own] =
    await Promise.all([
      read.readContract({ ...governor, functionName: 'votingDelay' }),
      read.readContract({ ...governor, functionName: 'votingPeriod' }),
      read.readContract({ ...governor, functionName: 'lateQuorumVoteExtension' }),
      read.readContract({ ...timelock, functionName: 'getMinDelay' }),
      read.readContract({ ...governor, functionName: 'proposalThreshold' }),
      // The quorum is known for past moments only.
      read.readContract({ ...governor, functionName: 'quorum', args: [BigInt(clock) - 1n] }),
      read.readContract({ ...governor, functionName: 'quorumNumerator' }),
      read.readContract({ ...governor, functionName: 'quorumDenominator' }),
      read.readContract({ ...governor, functionName: 'guardian' }),
      account ? readOwn(account) : null,
    ]);
  return {
    nowSeconds: BigInt(clock),
    votingDelaySeconds: delay,
    votingPeriodSeconds: period,
    lateExtensionSeconds: BigInt(late),
    timelockDelaySeconds,
    thresholdWei,
    quorumWei,
    quorumPart: { numerator, denominator },
    votableWei,
    guardian: orNull(guardian),
    vetoes,
    vetoEndSeconds,
    own,
  };
}
