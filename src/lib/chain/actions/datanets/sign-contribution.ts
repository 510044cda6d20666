// A contribution as a signature that any account may send to the chain: the contributor pays no fee.

import { hashStruct, type Address, type Hex } from 'viem';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { requireContribution, type NewContribution } from './contribute.ts';
import { BadInputError, requireSmall } from '../../input.ts';
import { signingDomain } from '../signing-domain.ts';

/** `SignedContribution` of IDatanetRegistry. */
export interface ContributionTerms {
  datanet: bigint;
  contributor: Address;
  content: Hex;
  rows: number;
  rowsRoot: Hex;
  licence: number;
  nonce: bigint;
  deadline: bigint;
}

export interface SignedContribution {
  terms: ContributionTerms;
  signature: Hex;
}

export interface ContributionToSign extends NewContribution {
  /** The Datanet's licence, which the contributor agrees to. */
  licence: number;
  /** Seconds since 1970: the signature is valid until then. */
  deadline: bigint;
  /** Default: a random one. Nonces are used in any order, each once. */
  nonce?: bigint;
}

const TYPES = {
  Contribution: [
    { name: 'datanet', type: 'uint256' },
    { name: 'contributor', type: 'address' },
    { name: 'content', type: 'bytes32' },
    { name: 'rows', type: 'uint24' },
    { name: 'rowsRoot', type: 'bytes32' },
    { name: 'licence', type: 'uint32' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const;

/** The item of a contribution in a batch: its EIP-712 struct hash. */
export const contributionItem = (terms: ContributionTerms): Hex =>
  hashStruct({ types: TYPES, primaryType: 'Contribution', data: terms });

/**
 * Whether a contribution with this nonce was recorded, or its contributor revoked it.
 *
 * @example
 * import { isContributionUsed } from '#lib/chain/actions/datanets/sign-contribution.ts';
 *
 * if (await isContributionUsed(chain, offer.terms)) show('The offer counts no longer');
 */
export const isContributionUsed = (
  { read, addresses }: ChainContext,
  { contributor, nonce }: Pick<ContributionTerms, 'contributor' | 'nonce'>,
): Promise<boolean> =>
  read.readContract({
    address: addresses.DatanetRegistry,
    abi: datanetRegistryAbi,
    functionName: 'isNonceUsed',
    args: [contributor, nonce],
  });

const randomNonce = (): bigint => crypto.getRandomValues(new BigUint64Array(1))[0]!;

/**
 * @example
 * import { signContribution } from '#lib/chain/actions/datanets/sign-contribution.ts';
 *
 * const rows = { datanet: 3n, content: digest, rows: 250, rowsRoot: root };
 * const { terms, signature } = await signContribution(chain, { ...rows, licence: 2, deadline });
 */
export async function signContribution(context: ChainContext, input: ContributionToSign): Promise<SignedContribution> {
  const fields = requireContribution(input);
  const licence = requireSmall(input.licence, 32, 'The licence', 1);
  if (input.deadline <= 0n) throw new BadInputError('The deadline', 'lies in the past');
  const signer = await context.signer();
  const contributor = signer.account.address;
  const nonce = input.nonce ?? randomNonce();
  const terms: ContributionTerms = { ...fields, contributor, licence, nonce, deadline: input.deadline };
  const domain = await signingDomain(context, context.addresses.DatanetRegistry);
  const signature = await signer.signTypedData({ domain, types: TYPES, primaryType: 'Contribution', message: terms });
  return { terms, signature };
}
