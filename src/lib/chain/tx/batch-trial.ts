// How a batch of an account that may not run the batch contract yet is tried: as if it did already (EIP-7702).

import type { Address, Client, StateOverride } from 'viem';
import { getCode } from 'viem/actions';
import { delegationTo } from './delegation.ts';

/** What EIP-7702 charges for an authorisation that is sent along. */
const DELEGATION_GAS = 25_000n;

export interface Trial {
  stateOverride?: StateOverride;
  /** What no estimate sees. */
  moreGas?: bigint;
}

export async function batchTrial(read: Client, from: Address, deviceAccount: Address): Promise<Required<Trial>> {
  const code = delegationTo(deviceAccount);
  const own = await getCode(read, { address: from });
  return { stateOverride: [{ address: from, code }], moreGas: own?.toLowerCase() === code ? 0n : DELEGATION_GAS };
}
