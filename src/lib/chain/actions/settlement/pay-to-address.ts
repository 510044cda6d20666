// The address that clients pay who can pay an address only: each (model version, node) has one, and what it gets is split as any
// payment for a call. An x402 server names it as `payTo`.

import type { Address } from 'viem';
import { payToAbi } from '../../abi/pay-to.ts';
import type { ChainContext } from '../../context.ts';
import { requireAddress, requireSmall, requireWhole } from '../../input.ts';

/** A model version at a node. */
export interface Served {
  model: bigint;
  version: number;
  node: string;
}

/** The arguments of PayTo's functions. @throws BadInputError */
export const requireServed = ({ model, version, node }: Served): readonly [number, number, Address] => [
  Number(requireWhole(model, 32, 'The model', 1)),
  requireSmall(version, 32, 'The version', 1),
  requireAddress(node, 'The node'),
];

/**
 * @example
 * import { payToAddress } from '#lib/chain/actions/settlement/pay-to-address.ts';
 *
 * const payTo = await payToAddress(chain, { model: 7n, version: 1, node });
 * show(`Pay for calls at ${payTo}`);
 */
export async function payToAddress(
  { read, addresses }: Pick<ChainContext, 'read' | 'addresses'>,
  served: Served,
): Promise<Address> {
  const args = requireServed(served);
  return read.readContract({ address: addresses.PayTo, abi: payToAbi, functionName: 'addressOf', args });
}
