// Announces the court of pots that are sealed 30 days later and after. Pots sealed before keep their court. Governance only.

import { encodeFunctionData } from 'viem';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import type { Addresses } from '../../deploy/plan.ts';
import { requireAddress } from '../../input.ts';
import type { GovernedCall } from './governed-call.ts';

/**
 * @example
 * import { announceCourtCall } from '#lib/chain/actions/governance/announce-court-call.ts';
 *
 * const { target, data } = announceCourtCall(chain.addresses, account);
 */
export function announceCourtCall({ AttributionLedger }: Addresses, court: string): GovernedCall {
  const args = [requireAddress(court, 'The court')] as const;
  const data = encodeFunctionData({ abi: attributionLedgerAbi, functionName: 'announceCourt', args });
  return { target: AttributionLedger, data };
}
