// Balances of OPEN in block 0 of the sandbox: its contracts are part of genesis, so no log records the first distribution.

import { genesisAbi } from '../abi/genesis.ts';
import type { ChainContext } from '../context.ts';
import { credit } from './token-reducers.ts';
import type { Rows } from './reducer.ts';

/** Adds the balances of the first distribution, for chains whose logs begin after it. */
export async function putGenesisBalances(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  rows: Rows,
): Promise<void> {
  const asked = { address: addresses.Genesis, abi: genesisAbi, functionName: 'buckets' } as const;
  for (const { holder, amount } of await read.readContract(asked)) await credit(rows, 'OPEN', holder, amount);
}
