// Proposes how a sealed pot is shared, with a bond of its pool and a quarter: lost if anyone refutes the list. The node or its relayer at
// any time, any account when the oldest payment is seven days old.

import { encodeFunctionData } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { MOST_PAYOUTS, readPayout } from '#lib/formats/payment/payout-list.ts';
import { MOST_RECORDS, readRecordTerms, type PotRecord } from '#lib/formats/payment/pot.ts';
import { attributionCourtAbi } from '../../abi/attribution-court.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError, requireHash, requireId } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { aboutEther, inOpen } from '../../words/amount-words.ts';
import { approvalFor } from '../token/approve.ts';
import { quoteAnswerFee } from '../../tx/quote-answer-fee.ts';
import { bondWei } from './court-call.ts';

export interface ListProposal {
  id: bigint;
  /** Of the pot, as the Settlement's events have them. */
  records: readonly PotRecord[];
  /** Words `account << 96 | amount`, ascending. */
  list: readonly bigint[];
  /** sha2-256 digest of the file with the receipts. */
  dataHash: string;
}

/**
 * @example
 * import { proposeList } from '#lib/chain/actions/settlement/propose-list.ts';
 *
 * const records = pot.redemptions.map(({ record }) => record);
 * await run(await proposeList(chain, { id: 12n, records, list: pot.list, dataHash: digest }));
 */
export async function proposeList(context: ChainContext, input: ListProposal): Promise<ActionPlan> {
  const id = requireId(input.id, 'The pot');
  const dataHash = requireHash(input.dataHash, 'The digest of the receipts');
  const { records, list } = input;
  if (records.length === 0 || records.length > MOST_RECORDS) {
    throw new BadInputError('The redemptions', `must be 1 to ${MOST_RECORDS}`);
  }
  if (list.length > MOST_PAYOUTS) throw new BadInputError('The list', `has more than ${MOST_PAYOUTS} accounts`);
  const poolWei = records.reduce((sum, { terms }) => sum + readRecordTerms(terms).poolWei, 0n);
  const totalWei = list.reduce((sum, word) => sum + readPayout(word).amountWei, 0n);
  if (totalWei > poolWei) throw new BadInputError('The list', 'pays more than the pot has');
  const to = context.addresses.AttributionCourt;
  const valueWei = 2n * (await quoteAnswerFee(context, 'AttributionCourt'));
  const args = [id, records, list, dataHash] as const;
  const data = encodeFunctionData({ abi: attributionCourtAbi, functionName: 'propose', args });
  const bond = bondWei(poolWei);
  const before = await approvalFor(context, to, bond, 'as bond of a proposer');
  const explanation = `You propose that pot ${id} pays ${inOpen(totalWei)} of ${inOpen(poolWei)} to ${counted(list.length, 'account')}; your bond of ${inOpen(bond)} and a deposit of ${aboutEther(valueWei)} are lost if anyone refutes the list`;
  return planOf(context, 'propose-list', explanation, { to, data, valueWei }, before);
}
