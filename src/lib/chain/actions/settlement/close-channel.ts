// Closes the sender's channel permanently, 24 hours after the request, and withdraws the rest.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { readChannel, requireChannel, type ChannelOf } from '../../vouchers/channel.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { closeChannel } from '#lib/chain/actions/settlement/close-channel.ts';
 * import { readChannels } from '#lib/chain/reads/read-channels.ts';
 *
 * const { nowSeconds, channels } = await readChannels(chain, account, [{ node, signer: sessionKey }]);
 * if (channels[0]?.state === 'closing' && channels[0].closeAt <= nowSeconds)
 *   await run(await closeChannel(chain, { node, signer: sessionKey }));
 */
export async function closeChannel(context: ChainContext, input: ChannelOf): Promise<ActionPlan> {
  const { node, signer } = requireChannel(input);
  const { account } = await context.signer();
  const { deposit, redeemed } = await readChannel(context, account.address, { node, signer });
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'close', args: [node, signer] });
  const explanation = `You close your channel to ${node} for ever: ${inOpen(deposit - redeemed)} come back to you`;
  return planOf(context, 'close-channel', explanation, { to: context.addresses.Settlement, data });
}
