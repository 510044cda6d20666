// Puts compiled contracts onto a test's chain.

import type { Abi, Address, Hex, PublicClient } from 'viem';
import type { clientsOver } from './embedded-chain.ts';

type Wallet = ReturnType<typeof clientsOver>['wallet'];

export async function deploySolidity(
  { reader, wallet }: { reader: PublicClient; wallet: Wallet },
  { abi, bytecode }: { abi: Abi; bytecode: Hex },
  args: readonly unknown[] = [],
): Promise<Address> {
  const hash = await wallet.deployContract({ abi, bytecode, args });
  const { contractAddress, status } = await reader.getTransactionReceipt({ hash });
  if (status !== 'success' || !contractAddress) throw new Error(`deployment ${hash} failed`);
  return contractAddress;
}
