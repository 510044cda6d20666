// Hands the influence money that a node earned for a model version to the ledger, where its shares can be proposed. The node or its
// relayer at any time, any account when the oldest payment is seven days old.

import { encodeFunctionData } from 'viem';
import { packParent } from '#lib/formats/payment/lineage.ts';
import { settlementAbi } from '../../abi/settlement.ts';
import type { ChainContext } from '../../context.ts';
import { requireAddress, requireSmall, requireWhole } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

export interface PotToSeal {
  node: string;
  model: bigint;
  version: number;
}

/**
 * @example
 * import { sealPot } from '#lib/chain/actions/settlement/seal-pot.ts';
 *
 * await run(await sealPot(chain, { node, model: 7n, version: 2 }));
 */
export async function sealPot(context: ChainContext, input: PotToSeal): Promise<ActionPlan> {
  const node = requireAddress(input.node, 'The node');
  const model = requireWhole(input.model, 32, 'The model', 1);
  const version = requireSmall(input.version, 32, 'The version', 1);
  const args = [node, packParent({ model, version })] as const;
  const data = encodeFunctionData({ abi: settlementAbi, functionName: 'seal', args });
  const explanation = `What node ${node} earned for the contributors of model ${model} v${version} goes to the ledger; its shares can be proposed then`;
  return planOf(context, 'seal-pot', explanation, { to: context.addresses.Settlement, data });
}
