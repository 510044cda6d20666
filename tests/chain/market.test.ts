// The same sixty steps on the embedded chain, on anvil, and on anvil as an OP chain: equal receipts, gas and
// balances.

import { custom, http, parseEther, type Transport } from 'viem';
import { afterAll, expect, it } from 'vitest';
import { embedded } from '#lib/chain/chains.ts';
import { createMemoryRowStore } from '#lib/chain/indexer/rows.ts';
import { listTables } from '#lib/chain/indexer/tables.ts';
import { sourcesOf } from '#lib/chain/indexer/sources.ts';
import { syncRows } from '#lib/chain/indexer/sync.ts';
import { datanetEarnings } from '#lib/datanets/published/datanet-earnings.ts';
import { runAnvil, type Anvil } from '../../scripts/house/run-anvil.ts';
import { contextOver, deployAll } from '../support/chain-context.ts';
import { alice, createTestNode, GENESIS_SECONDS } from '../support/embedded-chain.ts';
import { runMarketScript, type Outcome } from '../support/market-script.ts';

const stops: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(stops.map((stop) => stop())));

async function anvilAs(network: 'ethereum' | 'optimism'): Promise<Transport> {
  const more = ['--timestamp', String(GENESIS_SECONDS)];
  const anvil: Anvil = await runAnvil({ chainId: embedded.id, port: 0, network, more });
  stops.push(() => anvil.stop());
  return http(anvil.url, { retryCount: 0 });
}

const chains: Record<string, () => Promise<Transport>> = {
  embedded: async () => custom(createTestNode().provider, { retryCount: 0 }),
  anvil: () => anvilAs('ethereum'),
  'anvil as an OP chain': () => anvilAs('optimism'),
};
const outcomes = new Map<string, Outcome>();

it.each(Object.keys(chains))('sixty steps on %s', { timeout: 120_000 }, async (name) => {
  const transport = await chains[name]!();
  await deployAll(transport);
  const outcome = await runMarketScript(transport);
  expect(outcome.journal.at(-1)!.step).toBe(60);
  outcomes.set(name, outcome);

  const store = createMemoryRowStore();
  const context = contextOver(transport, alice);
  for await (const _ of syncRows(context.read, sourcesOf(context), store));
  const earningRows = await listTables(store, ['modelVersions', 'income']);
  const { models, paidWei, poolWei } = datanetEarnings(earningRows)('1');
  expect([models, paidWei]).toEqual([1, outcome.dataWei]);
  expect(poolWei).toBeGreaterThan(paidWei / 2n);
  expect(datanetEarnings(earningRows)('2')).toEqual({ models: 0, paidWei: 0n, poolWei: 0n });
  const tables = await listTables(store, ['pots', 'claims', 'influence', 'channels']);
  expect(tables.pots).toMatchObject([{ id: '1', state: 'final', round: 2, model: '1', version: 1 }]);
  expect(tables.claims.map(({ pot }) => pot)).toEqual(['1', '1']);
  expect(tables.influence).toMatchObject([{ model: '1', version: 1, rhoBps: 8000, isVoid: false }]);
  expect(tables.channels.map(({ state }) => state).sort()).toEqual(['closed', 'open', 'open']);
});

it('have equal receipts, costs and balances', () => {
  const [first, ...others] = [...outcomes.values()] as [Outcome, ...Outcome[]];
  expect(others).toHaveLength(2);
  for (const other of others) {
    expect(other.journal.length).toBe(first.journal.length);
    other.journal.forEach((line, at) => expect(line).toEqual(first.journal[at]));
    expect(other.balances).toEqual(first.balances);
    // Also of ether, except for fees: an OP chain changes its base fee by other rules.
    expect(other.moved).toEqual(first.moved);
  }
  // Given to others (50 twice, 2 twice), and the deposit of the commitment.
  expect(first.moved['alice']).toBe(-parseEther('104.05'));
  // Anvil funds the node and the holder at the start.
  const { node, liquidity, ...coins } = first.coins;
  expect(others[0]!.coins).toMatchObject(coins);
  expect([node, liquidity].every((wei) => wei! > 0n)).toBe(true);
});
