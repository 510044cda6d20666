// Makes a pot flat that has no list: its money goes to all holders of the cited Datanets by their rows. Any account may, by the
// court's rules; 90 days after it was sealed, also without the court.

import { encodeFunctionData } from 'viem';
import { MOST_RECORDS, readRecordTerms, type PotRecord } from '#lib/formats/payment/pot.ts';
import { attributionCourtAbi } from '../../abi/attribution-court.ts';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireId } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { inOpen } from '../../words/amount-words.ts';

export interface PotToFlatten {
  id: bigint;
  records: readonly PotRecord[];
  /** The way out of a court that does not work: 90 days after the pot was sealed. */
  isWithoutCourt?: boolean;
}

/**
 * @example
 * import { flattenPot } from '#lib/chain/actions/settlement/flatten-pot.ts';
 *
 * const records = pot.redemptions.map(({ record }) => record);
 * await run(await flattenPot(chain, { id: 12n, records }));
 */
export async function flattenPot(context: ChainContext, input: PotToFlatten): Promise<ActionPlan> {
  const id = requireId(input.id, 'The pot');
  const { records, isWithoutCourt = false } = input;
  if (records.length === 0 || records.length > MOST_RECORDS) {
    throw new BadInputError('The redemptions', `must be 1 to ${MOST_RECORDS}`);
  }
  const terms = records.map((record) => readRecordTerms(record.terms));
  const poolWei = terms.reduce((sum, one) => sum + one.poolWei, 0n);
  const tip = terms.reduce((sum, one) => sum + one.keepWei, 0n) / 5n;
  const explanation = `Pot ${id} of ${inOpen(poolWei)} goes to all holders of the cited Datanets by their rows; you get ${inOpen(tip)}`;
  if (!isWithoutCourt) {
    const data = encodeFunctionData({ abi: attributionCourtAbi, functionName: 'flatten', args: [id, records] });
    return planOf(context, 'flatten-pot', explanation, { to: context.addresses.AttributionCourt, data });
  }
  const { account } = await context.signer();
  const args = [id, records, account.address] as const;
  const data = encodeFunctionData({ abi: attributionLedgerAbi, functionName: 'flatten', args });
  return planOf(context, 'flatten-pot', explanation, { to: context.addresses.AttributionLedger, data });
}
