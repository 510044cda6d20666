// Spreads what a lineage has collected over the Datanet versions that it cites, and a tenth to its parent. Any account.

import { encodeFunctionData } from 'viem';
import { counted } from '#lib/core/count-words.ts';
import { packDatanetRef, packParent, type Lineage } from '#lib/formats/payment/lineage.ts';
import { attributionLedgerAbi } from '../../abi/attribution-ledger.ts';
import type { ChainContext } from '../../context.ts';
import { BadInputError } from '../../input.ts';
import { planOf, type ActionPlan } from '../../tx/plan.ts';

/**
 * @example
 * import { spreadFlat } from '#lib/chain/actions/settlement/spread-flat.ts';
 *
 * await run(await spreadFlat(chain, { parent: null, refs: [{ datanet: 3n, version: 2, weight: 1 }] }));
 */
export async function spreadFlat(context: ChainContext, { parent, refs }: Lineage): Promise<ActionPlan> {
  if (parent === null && refs.length === 0) throw new BadInputError('The lineage', 'is empty');
  const args = [packParent(parent), refs.map(packDatanetRef)] as const;
  const data = encodeFunctionData({ abi: attributionLedgerAbi, functionName: 'spread', args });
  const up =
    parent === null
      ? ''
      : `, ${refs.length === 0 ? 'all of it' : 'a tenth'} to model ${parent.model} v${parent.version}`;
  const explanation = `What a lineage has collected goes to ${counted(refs.length, 'Datanet version')}${up}`;
  return planOf(context, 'spread-flat', explanation, { to: context.addresses.AttributionLedger, data });
}
