// Invariants after the sixty steps: no value was created or lost.

import { parseEther, type Address } from 'viem';
import { expect } from 'vitest';
import { openTokenAbi } from '#lib/chain/abi/open-token.ts';
import { settlementAbi } from '#lib/chain/abi/settlement.ts';
import { readChannel } from '#lib/chain/vouchers/channel.ts';
import type { TestContext } from './chain-context.ts';
import { alice, bob, carol } from './embedded-chain.ts';
import { liquidity, node, sessions } from './market-people.ts';

/** The pool's worth of the lost bond was burnt, and the Settlement's vault holds exactly what the Settlement owes. */
export async function expectNothingLost(context: TestContext, burntWei: bigint): Promise<void> {
  const { read, addresses: at } = context;
  const supply = { address: at.OpenToken, abi: openTokenAbi, functionName: 'totalSupply' } as const;
  expect(await read.readContract(supply)).toBe(parseEther('1000000000') - burntWei);
  const books = { address: at.Settlement, abi: settlementAbi } as const;
  const creditOf = (account: Address) => read.readContract({ ...books, functionName: 'credit', args: [account] });
  let owedWei = await read.readContract({ ...books, functionName: 'owed' });
  for (const account of [alice.address, node.address, at.TimelockController]) owedWei += await creditOf(account);
  const payers = { bob, carol, liquidity };
  for (const name of ['bob', 'carol', 'liquidity'] as const) {
    const ends = { node: node.address, signer: sessions[name].address };
    const { deposit, redeemed } = await readChannel(context, payers[name].address, ends);
    owedWei += deposit - redeemed;
  }
  const vault = await read.readContract({ ...books, functionName: 'vault' });
  const held = { address: at.OpenToken, abi: openTokenAbi, functionName: 'balanceOf', args: [vault] } as const;
  expect(await read.readContract(held)).toBe(owedWei);
}
