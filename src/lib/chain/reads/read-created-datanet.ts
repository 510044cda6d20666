// Which Datanet a transaction created, from its receipt. The number of all Datanets would not tell: another account may create one
// in the same block.

import { isAddressEqual, parseEventLogs, type Address, type Hash } from 'viem';
import { datanetRegistryAbi } from '../abi/datanet-registry.ts';
import type { ChainContext } from '../context.ts';

/**
 * The number of the Datanet that `owner` created in the transaction; null when it created none.
 *
 * @example
 * import { createDatanet } from '#lib/chain/actions/datanets/create-datanet.ts';
 * import { readCreatedDatanet } from '#lib/chain/reads/read-created-datanet.ts';
 *
 * const { steps } = await createDatanet(chain, newDatanet);
 * const hash = await (await chain.signer()).sendTransaction(steps[0]);
 * await chain.read.waitForTransactionReceipt({ hash });
 * const datanet = await readCreatedDatanet(chain, hash, account);
 */
export async function readCreatedDatanet(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  hash: Hash,
  owner: Address,
): Promise<bigint | null> {
  const { logs } = await read.getTransactionReceipt({ hash });
  const created = parseEventLogs({ abi: datanetRegistryAbi, eventName: 'DatanetCreated', logs });
  const own = created.find(
    ({ address, args }) => isAddressEqual(address, addresses.DatanetRegistry) && isAddressEqual(args.owner, owner),
  );
  return own ? own.args.id : null;
}
