// Takes back the sender's request to close a channel, which is then open as before.

import { encodeFunctionData } from 'viem';
import { settlementAbi } from '../../abi/settlement.ts';
import type { ChainContext } from '../../context.ts';
import { requireChannel, type ChannelOf } from '../../vouchers/channel.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { cancelClose } from '#lib/chain/actions/settlement/cancel-close.ts';
 * import { readChannels } from '#lib/chain/reads/read-channels.ts';
 *
 * const { channels } = await readChannels(chain, account, [{ node, signer: sessionKey }]);
 * if (channels[0]?.state === 'closing') await run(await cancelClose(chain, { node, signer: sessionKey }));
 */
export async function cancelClose(context: ChainContext, input: ChannelOf): Promise<ActionPlan> {
  const { node, signer } = requireChannel(input);
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'cancelClose', args: [node, signer] });
  const explanation = `Your channel to ${node} stays open; you take back the request to close it`;
  return planOf(context, 'cancel-close', explanation, { to: context.addresses.Settlement, data });
}
