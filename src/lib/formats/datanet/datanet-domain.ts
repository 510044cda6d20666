// The EIP-712 domain of signatures about a Datanet: its chain and contract, once it is on one.

import type { Hex } from '#lib/core/bytes.ts';

const DOMAIN = { name: 'Payable Datanet', version: '1' } as const;

/**
 * `datanet` as `chain:contract:id`, checked before; null where there is none yet. Chain ids are longer than numbers
 * are exact.
 */
export function datanetDomain(datanet: string | null) {
  if (datanet === null) return DOMAIN;
  const [chainId = '', verifyingContract] = datanet.split(':');
  return { ...DOMAIN, chainId: BigInt(chainId), verifyingContract: verifyingContract as Hex };
}
