// A proposal as the governor stores it: its calls and its description. Its id is the hash of exactly these.

import { encodeAbiParameters, hexToBigInt, keccak256, stringToHex, type Address, type Hex } from 'viem';
import { BadInputError } from '../../input.ts';

export interface Proposal {
  targets: readonly Address[];
  valuesWei: readonly bigint[];
  calldatas: readonly Hex[];
  /** Markdown; part of the hash. */
  description: string;
}

const MAX_DESCRIPTION = 20_000;
const PARAMETERS = [{ type: 'address[]' }, { type: 'uint256[]' }, { type: 'bytes[]' }, { type: 'bytes32' }] as const;

/** The arguments of queue and execute. */
export function proposalArguments({ targets, valuesWei, calldatas, description }: Proposal) {
  if (targets.length === 0 || targets.length !== valuesWei.length || targets.length !== calldatas.length) {
    throw new BadInputError('A proposal', 'needs at least one call, each with a target, a value and its data');
  }
  if (description.trim() === '' || description.length > MAX_DESCRIPTION) {
    throw new BadInputError('The description', `must be a text of 1 to ${MAX_DESCRIPTION} characters`);
  }
  return [targets, valuesWei, calldatas, keccak256(stringToHex(description))] as const;
}

/**
 * `keccak256(abi.encode(targets, values, calldatas, descriptionHash))`, as in OpenZeppelin's Governor.
 *
 * @example
 * import { proposalIdOf } from '#lib/chain/actions/governance/proposal.ts';
 * import { setFeeCall } from '#lib/chain/actions/governance/set-fee-call.ts';
 *
 * const { target, data } = setFeeCall(chain.addresses, 200);
 * const change = { targets: [target], valuesWei: [0n], calldatas: [data] };
 * const proposalId = proposalIdOf({ ...change, description: '# Lower the fee' });
 * show(`/govern#${proposalId}`);
 */
export const proposalIdOf = (proposal: Proposal): bigint =>
  hexToBigInt(keccak256(encodeAbiParameters(PARAMETERS, proposalArguments(proposal))));
