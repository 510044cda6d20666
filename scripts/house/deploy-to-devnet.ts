// Brings a devnet up to date: the fee oracle at its address on OP-Stack chains, and the missing contracts. The founder is the
// first account of anvil's public test phrase.

import { createPublicClient, createTestClient, createWalletClient, http, type Address, type Hex } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { devnet } from '#lib/chain/chains.ts';
import code from '#lib/chain/deploy/init-code.json' with { type: 'json' };
import oracle from '#lib/chain/deploy/l1-fee-oracle.json' with { type: 'json' };
import { planDeployment, type CreationCode } from '#lib/chain/deploy/plan.ts';
import { runDeployment } from '#lib/chain/deploy/run.ts';
import { SANDBOX_PARTIES } from '#lib/chain/deploy/sandbox-parties.ts';

const FOUNDER = mnemonicToAccount('test test test test test test test test test test test junk');

/** @returns the address of OPEN, and the number of transactions sent: 0 when nothing was missing */
export async function deployToDevnet(url: string): Promise<{ open: Address; transactions: number }> {
  const around = { chain: devnet, transport: http(url), pollingInterval: 10 };
  const reader = createPublicClient(around);
  const address = oracle.address as Address;
  if (((await reader.getCode({ address })) ?? '0x') === '0x') {
    await createTestClient({ ...around, mode: 'anvil' }).setCode({ address, bytecode: oracle.code as Hex });
  }
  const plan = planDeployment(code as CreationCode, SANDBOX_PARTIES);
  let transactions = 0;
  for await (const event of runDeployment(plan, {
    reader,
    wallet: createWalletClient({ ...around, account: FOUNDER }),
  })) {
    if (event.kind === 'done') ({ transactions } = event);
  }
  return { open: plan.addresses.OpenToken, transactions };
}
