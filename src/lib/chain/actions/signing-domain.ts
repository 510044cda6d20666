// The EIP-712 domain of a contract, read from the contract. Refuses a domain of another chain.

import type { Address } from 'viem';
import { openTokenAbi } from '../abi/open-token.ts';
import type { ChainContext } from '../context.ts';
import { BadInputError } from '../input.ts';

export async function signingDomain({ read, chain }: Pick<ChainContext, 'read' | 'chain'>, contract: Address) {
  // ERC-5267: the same function in every contract that verifies signatures.
  const asked = { address: contract, abi: openTokenAbi, functionName: 'eip712Domain' } as const;
  const [, name, version, chainId, verifyingContract] = await read.readContract(asked);
  if (chainId !== BigInt(chain.id)) throw new BadInputError('The chain', 'is not the one of this contract');
  return { name, version, chainId, verifyingContract };
}
