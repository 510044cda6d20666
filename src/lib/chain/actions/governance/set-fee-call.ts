// Sets the protocol's part of each payment, within the contract's bounds. Governance only.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import type { Addresses } from '../../deploy/plan.ts';
import { inPercent } from '../../words/amount-words.ts';
import { BadInputError } from '../../input.ts';
import type { GovernedCall } from './governed-call.ts';

/** Bounds of Settlement: who proposes and finalises lives on the fee. */
const [LEAST_BPS, MOST_BPS] = [50, 1_000];

/**
 * @example
 * import { propose } from '#lib/chain/actions/governance/propose.ts';
 * import { setFeeCall } from '#lib/chain/actions/governance/set-fee-call.ts';
 *
 * const { target, data } = setFeeCall(chain.addresses, 200);
 * const description = '# Lower the fee\nFrom 2.5 % to 2 %.';
 * await run(await propose(chain, { targets: [target], valuesWei: [0n], calldatas: [data], description }));
 */
export function setFeeCall({ Settlement }: Addresses, feeBps: number): GovernedCall {
  if (!Number.isInteger(feeBps) || feeBps < LEAST_BPS || feeBps > MOST_BPS) {
    throw new BadInputError(
      'The fee',
      `must lie between ${inPercent(BigInt(LEAST_BPS))} and ${inPercent(BigInt(MOST_BPS))}`,
    );
  }
  const args = [feeBps] as const;
  return { target: Settlement, data: encodeFunctionData({ abi: settlementAbi, functionName: 'setFee', args }) };
}
