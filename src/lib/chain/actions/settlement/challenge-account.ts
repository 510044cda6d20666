// Asks why an account gets what a proposed list pays it, within 48 hours. The stake is lost if the proposer can answer to the end.

import { encodeFunctionData } from 'viem';
import type { ListPlace, ProposalMeta } from '#lib/formats/payment/court-game.ts';
import { attributionCourtAbi } from '../../abi/attribution-court.ts';
import type { ChainContext } from '../../context.ts';
import { requireAddress } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { aboutEther, inOpen } from '../../words/amount-words.ts';
import { approvalFor } from '../token/approve.ts';
import { quoteAnswerFee } from '../../tx/quote-answer-fee.ts';
import { stakeWei } from './court-call.ts';

export interface Challenge {
  meta: ProposalMeta;
  account: string;
  /** Where the account stands in the posted list, see settlement/audit-list.ts. */
  place: ListPlace;
}

/**
 * @example
 * import { challengeAccount } from '#lib/chain/actions/settlement/challenge-account.ts';
 * import { placeInList } from '#lib/settlement/audit-list.ts';
 *
 * await run(await challengeAccount(chain, { meta: move.meta, account, place: placeInList(pot.list, account) }));
 */
export async function challengeAccount(
  context: ChainContext,
  { meta, account: asked, place }: Challenge,
): Promise<ActionPlan> {
  const account = requireAddress(asked, 'The account');
  const to = context.addresses.AttributionCourt;
  const valueWei = await quoteAnswerFee(context, 'AttributionCourt');
  const args = [meta, account, place] as const;
  const data = encodeFunctionData({ abi: attributionCourtAbi, functionName: 'challenge', args });
  const stake = stakeWei(meta);
  const before = await approvalFor(context, to, stake, 'as stake of a challenger');
  const paid = place.isListed ? inOpen(place.amount) : 'nothing';
  const explanation = `You ask why pot ${meta.id} pays ${paid} to ${account}; your stake of ${inOpen(stake)} and a fee of ${aboutEther(valueWei)} are lost if the proposer answers to the end`;
  return planOf(context, 'challenge-account', explanation, { to, data, valueWei }, before);
}
