// Rows of nodes: their published data and their stake.

import type { Address, Hex } from 'viem';
import { plus, type Reducers, type Rows } from './reducer.ts';
import type { NodeRow } from './tables.ts';

const NEW: Omit<NodeRow, 'node'> = { peerId: null, caps: 0, stakeWei: '0', exitingWei: '0', exitAt: 0 };

async function update(rows: Rows, node: Address, change: (before: NodeRow) => Partial<NodeRow>): Promise<void> {
  const before = (await rows.get('nodes', node)) ?? { ...NEW, node };
  await rows.put('nodes', node, { ...before, ...change(before) });
}

export const nodeReducers: Reducers = {
  Registered: (rows, { args }) => {
    const { node, peerId, caps } = args as { node: Address; peerId: Hex; caps: number };
    return update(rows, node, () => ({ peerId, caps }));
  },
  Staked: (rows, { args }) => {
    const { node, amount } = args as { node: Address; amount: bigint };
    return update(rows, node, ({ stakeWei }) => ({ stakeWei: plus(stakeWei, amount) }));
  },
  ExitRequested: (rows, { args }) => {
    const { node, amount, exitAt } = args as { node: Address; amount: bigint; exitAt: bigint };
    return update(rows, node, ({ stakeWei, exitingWei }) => ({
      stakeWei: plus(stakeWei, -amount),
      exitingWei: plus(exitingWei, amount),
      exitAt: Number(exitAt),
    }));
  },
  Exited: (rows, { args }) => {
    const { node, amount } = args as { node: Address; amount: bigint };
    return update(rows, node, ({ exitingWei }) => ({ exitingWei: plus(exitingWei, -amount), exitAt: 0 }));
  },
};
