// The name that versions, contributions and signatures use for a Datanet: it is unique across chains and deployments.

import type { ChainContext } from '#lib/chain/context.ts';

/** `chain:contract:id` of Datanet `id` on the chain of the context. */
export const datanetName = ({ chain, addresses }: ChainContext, id: bigint): string =>
  `${chain.id}:${addresses.DatanetRegistry.toLowerCase()}:${id}`;
