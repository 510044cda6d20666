// Rows of OPEN and sOPEN: balances, last approvals, delegations, votes, and every transfer. `allowances` holds what was granted;
// the remainder is known only to the chain, because spending emits no event.

import { zeroAddress, type Address } from 'viem';
import { plus, type Reducers, type Rows } from './reducer.ts';
import type { Token } from './tables.ts';

/** Adds to an account's balance; a negative amount subtracts. */
export async function credit(rows: Rows, token: Token, account: Address, wei: bigint): Promise<void> {
  if (account === zeroAddress || wei === 0n) return;
  const key = `${token}:${account}` as const;
  const before = await rows.get('balances', key);
  const amountWei = plus(before?.amountWei, wei);
  await rows.put('balances', key, amountWei === '0' ? null : { token, account, amountWei });
}

/** @param token `OPEN` or `sOPEN`; the prefix of every key */
export const tokenReducers = (token: Token): Reducers => ({
  async Transfer(rows, { args, blockNumber, logIndex, transactionHash }) {
    const { from, to, value } = args as { from: Address; to: Address; value: bigint };
    await credit(rows, token, from, -value);
    await credit(rows, token, to, value);
    const key = `${String(blockNumber).padStart(12, '0')}:${String(logIndex).padStart(6, '0')}` as const;
    await rows.put('transfers', key, { token, from, to, amountWei: String(value), blockNumber, transactionHash });
  },
  async Approval(rows, { args }) {
    const { owner, spender, value } = args as { owner: Address; spender: Address; value: bigint };
    const row = value === 0n ? null : { token, owner, spender, grantedWei: String(value) };
    await rows.put('allowances', `${token}:${owner}:${spender}`, row);
  },
  async DelegateChanged(rows, { args }) {
    const { delegator, toDelegate } = args as { delegator: Address; toDelegate: Address };
    const row = toDelegate === zeroAddress ? null : { token, delegator, delegate: toDelegate };
    await rows.put('delegations', `${token}:${delegator}`, row);
  },
  async DelegateVotesChanged(rows, { args }) {
    const { delegate, newVotes } = args as { delegate: Address; newVotes: bigint };
    const row = newVotes === 0n ? null : { token, delegate, votesWei: String(newVotes) };
    await rows.put('votes', `${token}:${delegate}`, row);
  },
});
