// Brings contributions that others have signed to the chain. The sender pays the fee; the rows stay the signers'.

import { encodeFunctionData } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { datanetRegistryAbi } from '../../abi/datanet-registry.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError } from '../../input.ts';
import type { ActionPlan, Step } from '../../tx/plan.ts';
import type { SignedContribution } from './sign-contribution.ts';

/** Well below what fits into one block. */
export const MOST_BROUGHT = 64;

/**
 * The step for one contribution; building it needs no wallet.
 *
 * @example
 * import { bringingStep } from '#lib/chain/actions/datanets/bring-contributions.ts';
 * import { parseOffer } from '#lib/chain/actions/datanets/offer.ts';
 *
 * const steps = texts.map((text) => bringingStep(chain, parseOffer(text)));
 * show(steps.map(({ explanation }) => explanation));
 */
export function bringingStep({ addresses }: ChainContext, { terms, signature }: SignedContribution): Step {
  const args = [terms, signature] as const;
  return {
    verb: 'bring-contribution',
    explanation: `You bring ${counted(terms.rows, 'row')} of ${terms.contributor} to Datanet ${terms.datanet} and pay the fee; the rows stay theirs`,
    to: addresses.DatanetRegistry,
    data: encodeFunctionData({ abi: datanetRegistryAbi, functionName: 'contributeBySig', args }),
    valueWei: 0n,
  };
}

/**
 * One step each, in the given order.
 *
 * @example
 * import { bringContributions } from '#lib/chain/actions/datanets/bring-contributions.ts';
 * import { readOffer } from '#lib/chain/actions/datanets/offer.ts';
 * import { datanetName } from '#lib/datanets/datanet-name.ts';
 *
 * const offers = texts.map((text) => readOffer(text, datanetName(chain, 3n)));
 * await run(await bringContributions(chain, offers));
 */
export async function bringContributions(
  context: ChainContext,
  signed: readonly SignedContribution[],
): Promise<ActionPlan> {
  if (signed.length > MOST_BROUGHT) throw new BadInputError('The offers', `are more than ${MOST_BROUGHT} at once`);
  const [first, ...rest] = signed.map((one) => bringingStep(context, one));
  if (!first) throw new BadInputError('The offers', 'are none');
  const { account } = await context.signer();
  return { verb: 'bring-contributions', from: account.address, steps: [first, ...rest] };
}
