// Makes a proposed list final when its 48 hours are over and no game is live. Any account may, and gets a fifth of what is kept for
// proposing.

import { encodeFunctionData } from 'viem';
import type { ProposalMeta } from '#lib/formats/payment/court-game.ts';
import { attributionCourtAbi } from '../../abi/attribution-court.ts';
import type { ChainContext } from '../../context.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';
import { inOpen } from '../../words/amount-words.ts';

/**
 * @example
 * import { finalizeList } from '#lib/chain/actions/settlement/finalize-list.ts';
 *
 * await run(await finalizeList(chain, move.meta));
 */
export async function finalizeList(context: ChainContext, meta: ProposalMeta): Promise<ActionPlan> {
  const data = encodeFunctionData({ abi: attributionCourtAbi, functionName: 'finalize', args: [meta] });
  const { total, keep } = meta.draft;
  const explanation = `The list of pot ${meta.id} becomes final: its accounts may claim ${inOpen(total)}, the proposer gets its bond back, you get ${inOpen(keep / 5n)}`;
  return planOf(context, 'finalize-list', explanation, { to: context.addresses.AttributionCourt, data });
}
