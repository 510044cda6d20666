// The EIP-712 domain of signatures about a Datanet: its chain and contract, once it is registered.

import type { Hex } from '#lib/core/bytes.ts';

const DOMAIN = { name: 'Payable Datanet', version: '1' } as const;

/** `datanet` is a valid `chain:contract:id`, or null before registration. Chain ids may exceed the exact range of numbers. */
export function datanetDomain(datanet: string | null) {
  if (datanet === null) return DOMAIN;
  const [chainId = '', verifyingContract] = datanet.split(':');
  return { ...DOMAIN, chainId: BigInt(chainId), verifyingContract: verifyingContract as Hex };
}
