// Simulates a batch for an account that has not delegated to the batch contract yet, as if it had (EIP-7702).

import type { Address, Client, StateOverride } from 'viem';
import { getCode } from 'viem/actions';
import { delegationTo } from './delegation.ts';

/** Gas that EIP-7702 charges per authorisation. */
const DELEGATION_GAS = 25_000n;

export interface Trial {
  stateOverride?: StateOverride;
  /** Gas that an estimate does not include. */
  moreGas?: bigint;
}

export async function batchTrial(read: Client, from: Address, deviceAccount: Address): Promise<Required<Trial>> {
  const code = delegationTo(deviceAccount);
  const own = await getCode(read, { address: from });
  return { stateOverride: [{ address: from, code }], moreGas: own?.toLowerCase() === code ? 0n : DELEGATION_GAS };
}
