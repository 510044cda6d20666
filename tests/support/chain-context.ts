// The context of actions in tests: clients over the embedded chain or anvil, with the contracts deployed.

import type { Account, Transport } from 'viem';
import type { ActionPlan } from '#lib/chain/tx/plan.ts';
import type { ChainMode } from '#lib/chain/chains.ts';
import type { ChainContext } from '#lib/chain/context.ts';
import code from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import { planDeployment, type CreationCode } from '#lib/chain/deploy/plan.ts';
import { runDeployment } from '#lib/chain/deploy/run.ts';
import { SANDBOX_PARTIES } from '#lib/chain/deploy/sandbox-parties.ts';
import type { FollowOptions } from '#lib/chain/tx/follow.ts';
import type { TxRecord } from '#lib/chain/tx/record.ts';
import { runPlan, type TxHost } from '#lib/chain/tx/run.ts';
import { createMemoryTxStore } from '#lib/chain/tx/store.ts';
import { clientsOver } from './embedded-chain.ts';

const plan = planDeployment(code as CreationCode, SANDBOX_PARTIES);

export interface TestContext extends ChainContext {
  test: ReturnType<typeof clientsOver>['test'];
}

/** A context for `account` over one chain; `mode` sets the reported mode. */
export function contextOver(transport: Transport, account: Account, mode: ChainMode = 'embedded'): TestContext {
  const { reader, wallet, test } = clientsOver(transport, account);
  return { mode, chain: wallet.chain, read: reader, signer: async () => wallet, addresses: plan.addresses, test };
}

/** Deploys everything; the sandbox's founder must have coins on the transport's chain. */
export async function deployAll(transport: Transport): Promise<void> {
  const { reader, wallet } = clientsOver(transport);
  for await (const event of runDeployment(plan, { reader, wallet })) void event;
}

export function createTestHost(): TxHost {
  let count = 0;
  return { store: createMemoryTxStore(), now: () => 1_700_000_000_000 + count, newId: () => `tx-${++count}` };
}

/** Runs a plan to its end and returns the last record of each of its transactions. */
export async function runToEnd(
  context: ChainContext,
  what: ActionPlan,
  host: TxHost = createTestHost(),
  options: FollowOptions = {},
): Promise<TxRecord[]> {
  const last = new Map<string, TxRecord>();
  for await (const record of runPlan(context, what, host, options)) last.set(record.id, record);
  return [...last.values()];
}
