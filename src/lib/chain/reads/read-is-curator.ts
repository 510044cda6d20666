// Whether an account curates a Datanet.

import type { Address } from 'viem';
import { datanetRegistryAbi } from '../abi/datanet-registry.ts';
import type { ChainContext } from '../context.ts';

/**
 * @example
 * import { readIsCurator } from '#lib/chain/reads/read-is-curator.ts';
 *
 * const { account } = await chain.signer();
 * if (!(await readIsCurator(chain, 3n, account.address))) show('Only curators judge contributions');
 */
export const readIsCurator = (
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  datanet: bigint,
  account: Address,
): Promise<boolean> =>
  read.readContract({
    address: addresses.DatanetRegistry,
    abi: datanetRegistryAbi,
    functionName: 'isCurator',
    args: [datanet, account],
  });
