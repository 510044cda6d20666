// Brings a contribution that somebody has signed to the chain. Whoever brings it pays the fee; the rows stay the signer's.

import { encodeFunctionData } from 'viem';
import { datanetRegistryAbi } from '../abi/datanet-registry.ts';
import type { ChainContext } from '../context.ts';
import { planOf, type ActionPlan } from './plan.ts';
import type { SignedContribution } from './sign-contribution.ts';

export async function bringContribution(context: ChainContext, signed: SignedContribution): Promise<ActionPlan> {
  const { terms, signature } = signed;
  const data = encodeFunctionData({
    abi: datanetRegistryAbi,
    functionName: 'contributeBySig',
    args: [terms, signature],
  });
  const explanation = `You bring ${terms.rows} row(s) of ${terms.contributor} to Datanet ${terms.datanet} and pay the fee; they stay his`;
  return planOf(context, 'bring-contribution', explanation, { to: context.addresses.DatanetRegistry, data });
}
