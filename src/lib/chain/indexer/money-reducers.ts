// Rows of payment channels and of the contributors' pool.

import type { Address, Hex } from 'viem';
import { incomeReducers } from './asset-reducers.ts';
import { plus, update, type DecodedLog, type Reducers, type Rows } from './reducer.ts';
import type { ChannelRow, RowOf } from './tables.ts';

type Ends = { payer: Address; node: Address; signer: Address };

async function channel(
  rows: Rows,
  { args }: DecodedLog,
  change: (before: ChannelRow, args: Record<string, bigint>) => Partial<ChannelRow>,
) {
  const { payer, node, signer } = args as unknown as Ends;
  const key = `${payer}:${node}:${signer}` as const;
  const fresh: ChannelRow = { payer, node, signer, depositWei: '0', redeemedWei: '0', closeAt: 0, state: 'open' };
  const before = (await rows.get('channels', key)) ?? fresh;
  await rows.put('channels', key, { ...before, ...change(before, args as Record<string, bigint>) });
}

const deposited = (rows: Rows, log: DecodedLog) =>
  channel(rows, log, ({ depositWei }, { amount }) => ({ depositWei: plus(depositWei, amount!) }));

export const settlementReducers: Reducers = {
  ...incomeReducers,
  ChannelOpened: deposited,
  ChannelToppedUp: deposited,
  CloseRequested: (rows, log) =>
    channel(rows, log, (_, { closeAt }) => ({ closeAt: Number(closeAt), state: 'closing' })),
  ChannelClosed: (rows, log) =>
    channel(rows, log, ({ depositWei }, { returned }) => ({
      depositWei: plus(depositWei, -returned!),
      state: 'closed',
    })),
  Redeemed: (rows, log) =>
    channel(rows, log, ({ redeemedWei }, { amount }) => ({ redeemedWei: plus(redeemedWei, amount!) })),
  async Withdrawn(rows, { args }) {
    const { account, amount } = args as { account: Address; amount: bigint };
    const before = await rows.get('withdrawals', account);
    await rows.put('withdrawals', account, { account, amountWei: plus(before?.amountWei, amount) });
  },
};

const epoch = (rows: Rows, hash: Hex, change: Partial<RowOf<'epochs'>>): Promise<void> =>
  update(rows, 'epochs', hash, () => ({ hash, ...change }));

export const ledgerReducers: Reducers = {
  Proposed(rows, { args }) {
    const { hash, attester, proposal, bond, challengeEnd } = args as {
      hash: Hex;
      attester: Address;
      proposal: { from: bigint; to: bigint; paid: bigint; total: bigint; accountsRoot: Hex; dataHash: Hex };
      bond: bigint;
      challengeEnd: bigint;
    };
    return epoch(rows, hash, {
      attester,
      from: Number(proposal.from),
      to: Number(proposal.to),
      paidWei: String(proposal.paid),
      totalWei: String(proposal.total),
      accountsRoot: proposal.accountsRoot,
      dataHash: proposal.dataHash,
      bondWei: String(bond),
      challengeEnd: Number(challengeEnd),
      state: 'pending',
    });
  },
  Finalized: (rows, { args }) => epoch(rows, (args as { hash: Hex }).hash, { state: 'final' }),
  Rejected(rows, { args }) {
    const { hash, challenger } = args as { hash: Hex; challenger: Address };
    return epoch(rows, hash, { state: 'rejected', challenger });
  },
  Claimed(rows, { args }) {
    const { account, cumulative } = args as { account: Address; cumulative: bigint };
    return rows.put('claims', account, { account, claimedWei: String(cumulative) });
  },
};
