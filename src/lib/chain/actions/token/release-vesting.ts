// Pays out the vested amount of a bucket of the first distribution to its beneficiary. Anyone may.

import { encodeFunctionData, parseAbi } from 'viem';
import { genesisAbi } from '../../abi/genesis.ts';
import { inOpen } from '../../words/amount-words.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

const vestingAbi = parseAbi(['function release(address token)']);

/**
 * @param bucket Index in `Genesis.buckets()`, from 0.
 *
 * @example
 * import { releaseVesting } from '#lib/chain/actions/token/release-vesting.ts';
 * import { readToken } from '#lib/chain/reads/read-token.ts';
 *
 * const { buckets } = await readToken(chain);
 * const due = buckets.filter(({ releasableWei }) => releasableWei > 0n);
 * for (const { at } of due) await run(await releaseVesting(chain, at));
 */
export async function releaseVesting(context: ChainContext, bucket: number): Promise<ActionPlan> {
  const { Genesis, OpenToken } = context.addresses;
  const genesis = { address: Genesis, abi: genesisAbi } as const;
  const buckets = await context.read.readContract({ ...genesis, functionName: 'buckets' });
  const found = buckets[bucket];
  if (!found || found.duration === 0n) throw new BadInputError('The bucket', `${bucket} is none that vests`);
  const args = [BigInt(bucket), OpenToken] as const;
  const [, releasable] = await context.read.readContract({ ...genesis, functionName: 'vesting', args });
  if (releasable === 0n) throw new BadInputError('The bucket', 'has nothing vested that is not paid out');
  const data = encodeFunctionData({ abi: vestingAbi, functionName: 'release', args: [OpenToken] });
  const explanation = `The vesting pays what has vested, ${inOpen(releasable)} so far, to ${found.beneficiary}`;
  return planOf(context, 'release-vesting', explanation, { to: found.holder, data });
}
