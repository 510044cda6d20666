// Deploys compiled contracts to a test's chain.

import { encodeDeployData, type Abi, type Address, type Hex } from 'viem';
import type { clientsOver } from './embedded-chain.ts';

export async function deploySolidity(
  { wallet }: Pick<ReturnType<typeof clientsOver>, 'wallet'>,
  { abi, bytecode }: { abi: Abi; bytecode: Hex },
  args: readonly unknown[] = [],
): Promise<Address> {
  // Wait for the receipt: anvil makes the block a moment after it returned the hash.
  const receipt = await wallet.sendTransactionSync({ data: encodeDeployData({ abi, bytecode, args }) });
  const { contractAddress, status, transactionHash } = receipt;
  if (status !== 'success' || !contractAddress) throw new Error(`deployment ${transactionHash} failed`);
  return contractAddress;
}
