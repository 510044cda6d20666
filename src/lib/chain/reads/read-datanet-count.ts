// How many Datanets were created on this chain; it is also the number of the newest.

import { datanetRegistryAbi } from '../abi/datanet-registry.ts';
import type { ChainContext } from '../context.ts';

export const readDatanetCount = ({ read, addresses }: Pick<ChainContext, 'read' | 'addresses'>): Promise<bigint> =>
  read.readContract({ address: addresses.DatanetRegistry, abi: datanetRegistryAbi, functionName: 'datanetCount' });
