// Sets the delegate for the votes of the sender's OPEN or stake; votes count only once delegated, also to oneself.

import { encodeFunctionData } from 'viem';
import { openTokenAbi } from '../../abi/open-token.ts';
import type { ChainContext } from '../../context.ts';
import { requireAddress } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface Delegation {
  to: string;
  /** Each token has its own delegate. */
  what: 'OpenToken' | 'StakedOpen';
}

/**
 * @example
 * import { delegate } from '#lib/chain/actions/token/delegate.ts';
 *
 * const { account } = await chain.signer();
 * await run(await delegate(chain, { to: account.address, what: 'OpenToken' }));
 */
export async function delegate(context: ChainContext, { to, what }: Delegation): Promise<ActionPlan> {
  const delegatee = requireAddress(to, 'The delegate');
  const data = encodeFunctionData({ abi: openTokenAbi, functionName: 'delegate', args: [delegatee] });
  const votes = what === 'OpenToken' ? 'your OPEN' : 'your stake';
  const explanation = `${delegatee} votes with ${votes} from now on; the tokens stay yours`;
  return planOf(context, 'delegate', explanation, { to: context.addresses[what], data });
}
