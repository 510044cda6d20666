// The number of Datanets on this chain, which is also the newest one's id.

import { datanetRegistryAbi } from '../abi/datanet-registry.ts';
import type { ChainContext } from '../context.ts';

export const readDatanetCount = ({ read, addresses }: Pick<ChainContext, 'read' | 'addresses'>): Promise<bigint> =>
  read.readContract({ address: addresses.DatanetRegistry, abi: datanetRegistryAbi, functionName: 'datanetCount' });
