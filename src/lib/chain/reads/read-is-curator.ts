// Whether an account curates a Datanet.

import type { Address } from 'viem';
import { datanetRegistryAbi } from '../abi/datanet-registry.ts';
import type { ChainContext } from '../context.ts';

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
