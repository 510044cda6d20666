// A call that only governance may make: part of a proposal.

import type { Address, Hex } from 'viem';

export interface GovernedCall {
  target: Address;
  data: Hex;
}
