// Rows of the selected chain for a page, over the sandbox as the app ships it: genesis balances, the first block that is read, and
// dropping rows of other contracts.

import { createPublicClient, getAddress, parseEther, type Address } from 'viem';
import { beforeEach, describe, expect, it } from 'vitest';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { embedded } from '#lib/chain/chains.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import { createMemoryRowStore, type RowStore } from '#lib/chain/indexer/rows.ts';
import { at, createSandbox } from '#tests/support/sandbox.ts';
import { ChainRows } from './chain-rows.svelte.ts';

const FRIEND: Address = getAddress('0x00000000000000000000000000000000000000a1');
let sandbox: Awaited<ReturnType<typeof createSandbox>>;
let store: RowStore;
beforeEach(async () => {
  sandbox = await createSandbox();
  store = createMemoryRowStore();
});

function rowsOver(addresses: ChainContext['addresses'] = at, fromBlock = 0) {
  const read = createPublicClient({ chain: embedded, transport: sandbox.transport });
  const context = { mode: 'embedded', chain: embedded, read, addresses, signer: () => Promise.reject(new Error()) };
  return new ChainRows({
    context: () => context as unknown as ChainContext,
    store: () => store,
    fromBlock: () => fromBlock,
    inTurn: (_name, work) => work(),
  });
}
const balances = async () => {
  const rows = (await store.list('balances')).filter(({ row }) => row['token'] === 'OPEN');
  return new Map(rows.map(({ row }) => [row['account'] as Address, BigInt(row['amountWei'] as string)]));
};

describe('rows of the sandbox', () => {
  it('include all holders of OPEN in genesis, less what they transferred before the first read', async () => {
    await sandbox.giveOpen(FRIEND, parseEther('7'));
    const rows = rowsOver();
    await rows.refresh();
    expect(rows.problem).toBeNull();
    const found = await balances();
    expect(found.size).toBeGreaterThan(5);
    for (const [account, wei] of found) {
      const args = [account] as const;
      const asked = { address: at.OpenToken, abi: openTokenAbi, functionName: 'balanceOf', args } as const;
      expect(wei, account).toBe(await sandbox.reader.readContract(asked));
    }
    expect([...found.values()].reduce((sum, wei) => sum + wei, 0n)).toBe(parseEther('1000000000'));
    // Reading again adds nothing.
    await rows.refresh();
    expect(await balances()).toEqual(found);
  });

  it('begin at the given block', async () => {
    await sandbox.giveOpen(FRIEND, parseEther('7'));
    const head = Number(await sandbox.reader.getBlockNumber({ cacheTime: 0 }));
    await rowsOver(at, head + 1).refresh();
    expect(await store.list('transfers')).toEqual([]);
    await sandbox.giveOpen(FRIEND, parseEther('2'));
    await rowsOver(at, head + 1).refresh();
    expect((await store.list('transfers')).map(({ row }) => row['amountWei'])).toEqual([String(parseEther('2'))]);
  });

  it('of other contracts are dropped and read again', async () => {
    await sandbox.giveOpen(FRIEND, parseEther('7'));
    await rowsOver().refresh();
    const before = await store.list('transfers');
    await store.commit({
      changes: [{ table: 'transfers', key: 'stale', row: { token: 'OPEN' } }],
      ...(await store.load()),
    });
    await rowsOver().refresh();
    expect(await store.list('transfers')).toHaveLength(before.length + 1);
    await rowsOver({ ...at, QuestBoard: FRIEND }).refresh();
    expect(await store.list('transfers')).toEqual(before);
  });
});
