// Requests to close the sender's channel in 24 hours. Until then its node may redeem vouchers.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import type { ChainContext } from '../../context.ts';
import { requireChannel, type ChannelOf } from '../../vouchers/channel.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { requestClose } from '#lib/chain/actions/settlement/request-close.ts';
 *
 * await run(await requestClose(chain, { node, signer: sessionKey }));
 * show('You can close the channel in 24 hours');
 */
export async function requestClose(context: ChainContext, input: ChannelOf): Promise<ActionPlan> {
  const { node, signer } = requireChannel(input);
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'requestClose', args: [node, signer] });
  const explanation = `You will close your channel to ${node} in 24 hours; until then the node may redeem what you signed`;
  return planOf(context, 'request-close', explanation, { to: context.addresses.Settlement, data });
}
